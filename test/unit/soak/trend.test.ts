import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { growth } from '../../soak/trend.js';

const value = fc.integer({ min: -1_000_000, max: 1_000_000 });

describe('the growth of what was measured', () => {
  it('is what a straight line grows by, wherever it begins and however unevenly it is measured', () => {
    const times = fc.uniqueArray(fc.integer({ min: 0, max: 10_000 }), { minLength: 2 });
    fc.assert(
      fc.property(times, value, fc.integer({ min: -100, max: 100 }), (unordered, base, slope) => {
        const at = unordered.toSorted((a, b) => a - b);
        const samples = at.map((each) => ({ at: each, value: base + slope * each }));
        expect(growth(samples)).toBeCloseTo(slope * ((at.at(-1) ?? 0) - (at[0] ?? 0)), 3);
      }),
    );
  });

  it('is none where it goes up and down and ends where it began', () => {
    expect(growth([1, 9, 1, 9, 1].map((each, at) => ({ at, value: each })))).toBe(0);
  });

  it('is not moved by single samples that are too high, wherever they stand', () => {
    const level = Array.from({ length: 40 }, (_, at) => ({ at, value: 100 }));
    for (const where of [0, 20, 39]) {
      expect(growth(level.map((each) => (each.at === where ? { ...each, value: 1_000_000 } : each)))).toBe(0);
    }
  });

  it('is seen through noise that is larger than each step', () => {
    const samples = Array.from({ length: 40 }, (_, at) => ({ at, value: 10 * at + (at % 2 === 0 ? 50 : -50) }));
    expect(growth(samples)).toBeGreaterThan(300);
  });

  it('is none where there is nothing to compare', () => {
    expect(growth([])).toBe(0);
    expect(growth([{ at: 1, value: 5 }])).toBe(0);
    expect(
      growth([
        { at: 1, value: 5 },
        { at: 1, value: 9 },
      ]),
    ).toBe(0);
  });
});
