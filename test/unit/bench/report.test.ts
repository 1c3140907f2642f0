import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { axisOf } from '../../../bench/report/axis.js';
import { formatFigure } from '../../../bench/report/figure.js';
import { drawRows } from '../../../bench/report/plot.js';
import { toTable } from '../../../bench/report/table.js';
import { compare } from '../../../bench/row.js';

const PLACES = { from: 100, to: 500 };

describe('an axis', () => {
  it('is linear from 0 for figures of one size', () => {
    const axis = axisOf([2, 4], PLACES);
    expect(axis.ticks[0]).toBe(0);
    expect(axis.at(0)).toBe(100);
    expect(axis.at(4)).toBe(500);
    expect(axis.at(2)).toBe(300);
  });

  it('is logarithmic for figures far apart, one tick for each power of ten', () => {
    const axis = axisOf([0.05, 900], PLACES);
    expect(axis.ticks).toEqual([0.01, 0.1, 1, 10, 100, 1_000]);
    expect(axis.at(0.01)).toBe(100);
    expect(axis.at(1_000)).toBe(500);
    expect(axis.at(1) - axis.at(0.1)).toBeCloseTo(axis.at(100) - axis.at(10));
  });

  it('can be drawn where every figure is 0, or there is none', () => {
    for (const figures of [[0, 0], []]) expect(axisOf(figures, PLACES).at(0)).toBe(100);
  });

  it('puts every figure between its ends, in their order', () => {
    const figures = fc.array(fc.double({ min: 0, max: 1e12, noNaN: true }), { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(figures, (values) => {
        const axis = axisOf(values, PLACES);
        const places = values.toSorted((a, b) => a - b).map((value) => axis.at(value));
        for (const place of places) {
          expect(place).toBeGreaterThanOrEqual(100);
          expect(place).toBeLessThanOrEqual(500);
        }
        expect(places).toEqual(places.toSorted((a, b) => a - b));
      }),
    );
  });
});

describe('a figure for people', () => {
  it.each([
    [0, '0'],
    [0.000_123_456, '0.000123'],
    [0.123_456, '0.123'],
    [1.5, '1.5'],
    [12.34, '12.3'],
    [1_234.5, '1,235'],
    [-2.345, '-2.35'],
  ])('%d is %s', (value, text) => {
    expect(formatFigure(value)).toBe(text);
  });
});

const rows = [
  compare({ name: 'lost & found', unit: 'ms', ours: [1, 2, 3], reference: [1], referenceName: 'C <epoll>' }),
  compare({ name: 'lost & found', unit: 'ms', ours: [1, 2, 3], reference: [], referenceName: 'polling' }),
  compare({
    name: 'memory',
    unit: 'MB',
    ours: [7],
    reference: [8],
    referenceName: 'none',
    target: { of: 'ours', atMost: 5 },
  }),
];

describe('the picture', () => {
  const svg = drawRows('Rows of "all" kinds', rows);

  it('escapes what stands in it', () => {
    expect(svg).toContain('lost &amp; found');
    expect(svg).toContain('C &lt;epoll&gt;');
    expect(svg).toContain('aria-label="Rows of &quot;all&quot; kinds"');
  });

  it('draws ours once for each name, and each reference', () => {
    expect(svg.match(/class="group"/g)).toHaveLength(2);
    expect(svg.match(/>netpause</g)).toHaveLength(2);
    expect(svg.match(/<circle class="ours"/g)).toHaveLength(2);
    expect(svg.match(/<circle class="other"/g)).toHaveLength(2);
  });

  it('says of what was not seen that it never was', () => {
    expect(svg.match(/>never</g)).toHaveLength(1);
  });

  it('holds numbers only where numbers belong', () => {
    expect(svg).not.toMatch(/NaN|Infinity|undefined|null/);
  });

  it('gives every unit a panel of its own', () => {
    expect(svg).toMatch(/>ms<[\s\S]*>MB</);
  });
});

describe('the table', () => {
  const lines = toTable(rows).split('\n');

  it('has a line of headings and one for each row', () => {
    expect(lines).toHaveLength(4);
  });

  it('says what was not met, and leaves it open where nothing was to be reached', () => {
    expect(lines[3]).toMatch(/≤ 5 MB +NO +1$/);
    expect(lines[1]).not.toMatch(/yes|NO/);
  });

  it('puts a dash where there is no figure', () => {
    expect(lines[2]).toMatch(/– +polling +–/);
  });
});
