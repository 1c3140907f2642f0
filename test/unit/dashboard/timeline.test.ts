import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NARROWEST, type PackedLane, packRows } from '../../../src/dashboard/parts/timeline/pack-rows.js';
import { momentText, ticksOf } from '../../../src/dashboard/parts/timeline/time-axis.js';
import { firstBar, nextBar } from '../../../src/dashboard/parts/timeline/timeline-keys.js';
import type { Span } from '../../../src/dashboard/parts/timeline/timeline-model.js';

const RANGE = { from: 0, until: 1_000 };

describe('bars', () => {
  it('stand where their time is, and reach to the edge where they go on or began before', () => {
    const spans = [span('a', 100, 300), span('b', 500, undefined), span('c', -50, 50)];
    expect(
      packRows(spans, { range: RANGE, width: 500 }).bars.map(({ span: { id }, x, width }) => [id, x, width]),
    ).toEqual([
      ['c', 0, 25],
      ['a', 50, 100],
      ['b', 250, 250],
    ]);
  });

  it('are left out where their time is not seen', () => {
    const spans = [span('before', -90, -10), span('after', 1_100, undefined), span('a', 1, 2)];
    expect(packRows(spans, { range: RANGE, width: 500 }).bars.map(({ span: { id } }) => id)).toEqual(['a']);
  });

  it('are wide enough to be pointed at, also at the edge', () => {
    const { bars } = packRows([span('a', 400, 401), span('b', 999, 999.5)], { range: RANGE, width: 500 });
    expect(bars.map(({ width }) => width)).toEqual([NARROWEST, NARROWEST]);
    expect(bars.at(-1)?.x).toBe(500 - NARROWEST);
  });

  it('never lie on each other, stay in the picture, and those without room are counted', () => {
    const time = fc.integer({ min: -500, max: 1_500 });
    const spans = fc
      .array(fc.tuple(time, fc.option(fc.nat(600), { nil: undefined })), { maxLength: 40 })
      .map((all) =>
        all.map(([from, length], index) => span(`${index}`, from, length === undefined ? undefined : from + length)),
      );
    fc.assert(
      fc.property(spans, fc.integer({ min: 1, max: 900 }), (all, width) => {
        const { bars, rows, left } = packRows(all, { range: RANGE, width });
        const seen = all.filter(({ from, until }) => from < 1_000 && (until === undefined || until >= 0));
        expect(bars.length + left).toBe(seen.length);
        expect(rows).toBeLessThanOrEqual(4);
        for (const [index, bar] of bars.entries()) {
          expect(bar.x).toBeGreaterThanOrEqual(0);
          expect(bar.x + bar.width).toBeLessThanOrEqual(width + 1e-6);
          expect(bar.row).toBeLessThan(rows);
          const others = bars.slice(0, index).filter(({ row }) => row === bar.row);
          expect(others.every((other) => other.x + other.width <= bar.x)).toBe(true);
        }
      }),
    );
  });
});

describe('keys', () => {
  const lanes = [lane([10, 200]), lane([]), lane([0, 90, 180])];

  it.each([
    ['ArrowRight', { lane: 0, bar: 0 }, { lane: 0, bar: 1 }],
    ['ArrowRight', { lane: 0, bar: 1 }, { lane: 0, bar: 1 }],
    ['ArrowLeft', { lane: 2, bar: 0 }, { lane: 2, bar: 0 }],
    ['Home', { lane: 2, bar: 2 }, { lane: 2, bar: 0 }],
    ['End', { lane: 2, bar: 0 }, { lane: 2, bar: 2 }],
    ['ArrowDown', { lane: 0, bar: 1 }, { lane: 2, bar: 2 }],
    ['ArrowUp', { lane: 2, bar: 0 }, { lane: 0, bar: 0 }],
    ['ArrowDown', { lane: 2, bar: 1 }, { lane: 2, bar: 1 }],
    ['a', { lane: 0, bar: 0 }, undefined],
  ])('%s leads from %o to %o', (key, from, to) => {
    expect(nextBar(key, from, lanes)).toEqual(to);
  });

  it('begin at the first bar that there is', () => {
    expect(firstBar([lane([]), lane([5])])).toEqual({ lane: 1, bar: 0 });
    expect(firstBar([lane([])])).toBeUndefined();
  });

  function lane(places: readonly number[]): PackedLane {
    const bars = places.map((x, index) => ({ span: span(`${index}`, x, x + 1), x, width: 10, row: 0 }));
    return { bars, rows: 1, left: 0 };
  }
});

describe('times', () => {
  const range = { from: Date.UTC(2026, 0, 2, 3, 0, 0), until: Date.UTC(2026, 0, 2, 9, 0, 0) };

  it('are marked at round hours of UTC', () => {
    expect(ticksOf(range, 600, 'utc').map(({ label }) => label)).toEqual([
      '04:00Z',
      '05:00Z',
      '06:00Z',
      '07:00Z',
      '08:00Z',
    ]);
    expect(ticksOf(range, 600, 'utc')[0]?.x).toBeCloseTo(100);
  });

  it('are marked as often as there is room for', () => {
    for (const width of [1, 200, 400, 1_600]) {
      expect(ticksOf(range, width, 'local').length).toBeLessThanOrEqual(Math.max(4, width / 40));
    }
  });

  it('are told as ISO 8601 where somebody wants that, and never fail', () => {
    expect(momentText(range.from, 'utc')).toBe('2026-01-02T03:00:00Z');
    expect(momentText(range.from, 'local')).toContain('2026');
    expect(momentText(1e300, 'utc')).toBe('at an unknown time');
  });
});

function span(id: string, from: number, until: number | undefined): Span {
  return { id, from, until, look: 'solid', title: id, details: [] };
}
