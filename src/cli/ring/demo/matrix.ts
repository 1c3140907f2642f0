import type { Verdict } from '../../../ring/index.js';
import type { Colours } from '../../text/appearance.js';
import { fitTo } from '../../text/fit.js';
import { verdictOn } from './diagnosis.js';
import type { RingView } from './ring-view.js';

/** What each member says of each other: a row for each that says it, a column for each of whom it is said. */
export type Matrix = readonly MatrixRow[];

export interface MatrixRow {
  readonly source: string;
  /** Undefined where source and target are the same. */
  readonly verdicts: readonly (Verdict | undefined)[];
}

export function matrixOf(view: RingView, sites: readonly string[], silence: number): Matrix {
  return sites.map((source) => ({
    source,
    verdicts: sites.map((target) => (source === target ? undefined : verdictOn(view, [source, target], silence))),
  }));
}

/** The matrix as lines: verdicts as words and by colours, what one of them means below. */
export function renderMatrix(matrix: Matrix, colours: Colours): readonly string[] {
  const head = ['', ...matrix.map(({ source }) => source)].map((text) => colours.dim(cell(text))).join('');
  const rows = matrix.map(
    ({ source, verdicts }) =>
      `${cell(source)}${verdicts.map((verdict) => (verdict === undefined ? cell('') : painted(verdict, colours))).join('')}`,
  );
  const isDoubtful = matrix.some(({ verdicts }) => verdicts.includes('inconclusive'));
  const legend = isDoubtful ? [colours.dim('?: inconclusive')] : [];
  return [head, ...rows, ...legend].map((line) => line.trimEnd());
}

function painted(verdict: Verdict, { good, bad, doubtful }: Colours): string {
  if (verdict === 'ok') return good(cell('ok'));
  return verdict === 'failed' ? bad(cell('FAIL')) : doubtful(cell('?'));
}

/** As wide as the longest name and a gap: of twelve members the line has 78 columns. */
function cell(text: string): string {
  return fitTo(text, 6);
}
