import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { median, percentile, summarize } from '../../../bench/statistics.js';

const measurements = fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 50 });

describe('a percentile', () => {
  it('is the middle value of an odd number of measurements, in whatever order', () => {
    expect(median([5, 1, 3])).toBe(3);
  });

  it('lies between the two nearest where none is exactly there, as in R and NumPy', () => {
    expect(median([1, 2, 3, 4])).toBe(2.5);
    expect(percentile([1, 2, 3, 4], 25)).toBe(1.75);
    expect(percentile([10, 20], 99)).toBeCloseTo(19.9);
  });

  it('is the smallest for 0 and the largest for 100', () => {
    expect(percentile([7, 3, 9], 0)).toBe(3);
    expect(percentile([7, 3, 9], 100)).toBe(9);
  });

  it('is that one measurement where there is only one', () => {
    expect(percentile([4], 99)).toBe(4);
  });

  it('of nothing there is none', () => {
    expect(() => percentile([], 50)).toThrow(RangeError);
  });

  it('never decreases with the percent asked for, and never leaves the measurements', () => {
    fc.assert(
      fc.property(measurements, fc.nat(100), fc.nat(100), (values, one, other) => {
        const [low, high] = [percentile(values, Math.min(one, other)), percentile(values, Math.max(one, other))];
        expect(low).toBeLessThanOrEqual(high);
        expect(low).toBeGreaterThanOrEqual(Math.min(...values));
        expect(high).toBeLessThanOrEqual(Math.max(...values));
      }),
    );
  });

  it('leaves the measurements as they were', () => {
    const values = [3, 1, 2];
    percentile(values, 50);
    expect(values).toEqual([3, 1, 2]);
  });
});

describe('a summary', () => {
  it('holds both ends, the middle half and the slowest hundredth', () => {
    const hundredAndOne = Array.from({ length: 101 }, (_, index) => index);
    expect(summarize(hundredAndOne)).toEqual({ min: 0, p25: 25, median: 50, p75: 75, p99: 99, max: 100 });
  });

  it('of nothing is null', () => {
    expect(summarize([])).toBeNull();
  });
});
