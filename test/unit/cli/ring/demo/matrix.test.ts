import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { settingsOf } from '../../../../../src/cli/ring/demo/demo-settings.js';
import { type Matrix, matrixOf, renderMatrix } from '../../../../../src/cli/ring/demo/matrix.js';
import { MatrixReporter } from '../../../../../src/cli/ring/demo/matrix-reporter.js';
import { appearanceFor } from '../../../../../src/cli/text/appearance.js';
import { cutOffView, SITES, viewOf } from './views.js';

const PLAIN = appearanceFor({ isTerminal: false, env: {} }).colours;
const COLOURED = appearanceFor({ isTerminal: true, env: {} }).colours;
const SILENCE = 1_500;

describe('the matrix', () => {
  it('has words for what each says of each other', () => {
    expect(renderMatrix(matrixOf(cutOffView(9_000, 'bonn', 0), SITES, SILENCE), PLAIN)).toEqual([
      '      aden  bonn  cork',
      'aden        FAIL  ok',
      'bonn  ?           ?',
      'cork  ok    FAIL',
      '?: inconclusive',
    ]);
  });

  it('says nothing of inconclusive where nothing is', () => {
    expect(renderMatrix(matrixOf(viewOf(0), SITES, SILENCE), PLAIN)).toHaveLength(4);
  });

  it('has a colour for each word', () => {
    const [, aden, bonn] = renderMatrix(matrixOf(cutOffView(9_000, 'bonn', 0), SITES, SILENCE), COLOURED);
    expect(aden).toContain(COLOURED.bad('FAIL  '));
    expect(aden).toContain(COLOURED.good('ok    '));
    expect(bonn).toContain(COLOURED.doubtful('?     '));
  });

  it('of twelve members fits into 80 columns with its indentation', () => {
    const { sites } = settingsOf({ members: 12 });
    const lines = renderMatrix(matrixOf({ ...viewOf(0), checks: [] }, sites, SILENCE), PLAIN);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(78);
  });
});

describe('a matrix that changes', () => {
  const well = matrixOf(viewOf(0), SITES, SILENCE);
  const beginning = matrixOf(viewOf(0, { 'aden bonn': 'failed' }), SITES, SILENCE);
  const broken = matrixOf(cutOffView(0, 'bonn', 0), SITES, SILENCE);
  let told: Matrix[];
  let reporter: MatrixReporter;

  beforeEach(() => {
    vi.useFakeTimers();
    told = [];
    reporter = new MatrixReporter(500, (matrix) => told.push(matrix));
  });
  afterEach(() => void vi.useRealTimers());

  it('is told when it has settled, once for all changes', () => {
    reporter.note(well);
    vi.advanceTimersByTime(499);
    reporter.note(beginning);
    vi.advanceTimersByTime(499);
    expect(told).toEqual([]);
    reporter.note(beginning);
    vi.advanceTimersByTime(1);
    expect(told).toEqual([beginning]);
  });

  it('is told while it goes on changing, after three times as long', () => {
    for (let time = 0; time < 1_500; time += 100) {
      reporter.note(time % 200 === 0 ? broken : beginning);
      expect(told).toEqual([]);
      vi.advanceTimersByTime(100);
    }
    expect(told).toEqual([broken]);
  });

  it('is not told again where it has become what it was', () => {
    reporter.note(well);
    vi.advanceTimersByTime(500);
    reporter.note(broken);
    reporter.note(well);
    vi.advanceTimersByTime(2_000);
    expect(told).toEqual([well]);
  });

  it('is told at once where that is asked for, and not again', () => {
    reporter.note(well);
    reporter.flush();
    expect(told).toEqual([well]);
    reporter.flush();
    vi.advanceTimersByTime(2_000);
    expect(told).toEqual([well]);
  });
});
