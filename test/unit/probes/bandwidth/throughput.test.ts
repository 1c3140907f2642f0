import { describe, expect, it } from 'vitest';
import { ByteCurve } from '../../../../src/probes/bandwidth/byte-curve.js';
import { slowStartOf } from '../../../../src/probes/bandwidth/slow-start.js';
import { throughputOf } from '../../../../src/probes/bandwidth/throughput.js';

describe('slow start', () => {
  it('is over with the first interval that reaches 90 % of the median of the later half', () => {
    expect(slowStartOf([1, 2, 4, 8, 89, 90, 100, 100, 100, 100, 100, 100])).toBe(5);
  });

  it('is not there where the first interval is as fast as the rest', () => {
    expect(slowStartOf([120, 100, 100, 100, 100, 100, 100, 100, 100, 100])).toBe(0);
  });

  it('takes no more than the earlier half', () => {
    expect(slowStartOf([1, 1, 1, 1, 1, 1, 100, 100, 1, 100, 100, 100])).toBe(6);
    expect(slowStartOf([1, 2, 4, 8, 16, 32, 64, 128, 256, 512])).toBe(5);
  });

  it('is not told from fewer than ten intervals', () => {
    expect(slowStartOf([1, 2, 4, 8, 100, 100, 100, 100, 100])).toBe(0);
    expect(slowStartOf([])).toBe(0);
  });

  it('is not disturbed by silence', () => {
    expect(slowStartOf(Array.from({ length: 12 }, () => 0))).toBe(0);
  });
});

describe('a curve of bytes', () => {
  it('has between two records as much as is due', () => {
    const curve = new ByteCurve(1_000);
    curve.record(1_100, 50);
    curve.record(1_200, 250);
    expect(curve.totalsAt([900, 1_000, 1_050, 1_100, 1_150, 1_200, 1_300])).toEqual([0, 0, 25, 50, 150, 250, 250]);
  });

  it('keeps of thousands of records one for 10 ms, and the last', () => {
    const curve = new ByteCurve(0);
    for (let time = 1; time <= 1_000; time += 0.25) curve.record(time, time * 8);
    expect([curve.end, curve.total]).toEqual([1_000, 8_000]);
    const [half = 0] = curve.totalsAt([500]);
    expect(half).toBeCloseTo(4_000, 0);
  });

  it('has a jump at once', () => {
    const curve = new ByteCurve(0);
    curve.record(0, 100);
    expect(curve.totalsAt([0, 1])).toEqual([100, 100]);
  });
});

describe('the throughput', () => {
  it('is that of all streams together, with and without slow start', () => {
    const curves = [0, 1].map(() => new ByteCurve(0));
    for (const curve of curves) {
      let total = 0;
      for (let time = 100; time <= 2_000; time += 100) {
        total += time <= 500 ? 100 : 1_000;
        curve.record(time, total);
      }
    }
    expect(throughputOf(curves, 0)).toEqual({
      bitsPerSecond: (2 * 15_000 * 8) / 1.5,
      bitsPerSecondOverall: (2 * 15_500 * 8) / 2,
      bytes: 31_000,
      seconds: 2,
      slowStartExcluded: 0.5,
      intervals: [...Array.from({ length: 5 }, () => 16_000), ...Array.from({ length: 15 }, () => 160_000)],
    });
  });

  it('is steady only as far as every stream is known, and overall as far as any', () => {
    const [one, other] = [new ByteCurve(0), new ByteCurve(50)];
    one.record(2_000, 2_000);
    other.record(1_550, 1_500);
    expect(throughputOf([one, other], 0)).toMatchObject({
      bytes: 3_500,
      seconds: 2,
      bitsPerSecondOverall: (3_500 * 8) / 2,
      bitsPerSecond: 16_000,
      slowStartExcluded: 0.1,
    });
  });

  it('is one figure where a test takes less than a second', () => {
    const curve = new ByteCurve(0);
    curve.record(400, 10);
    curve.record(900, 9_000);
    const facts = throughputOf([curve], 0);
    expect(facts).toMatchObject({ bitsPerSecond: 80_000, bitsPerSecondOverall: 80_000, slowStartExcluded: 0 });
    expect(facts.intervals.length).toBe(9);
  });

  it('has no rate where no time has gone by', () => {
    expect(throughputOf([new ByteCurve(5)], 5)).toEqual({
      bitsPerSecond: 0,
      bitsPerSecondOverall: 0,
      bytes: 0,
      seconds: 0,
      slowStartExcluded: 0,
      intervals: [],
    });
  });
});
