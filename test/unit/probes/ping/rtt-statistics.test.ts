import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InterarrivalJitter, rttStatistics } from '../../../../src/probes/ping/rtt-statistics.js';

describe('the statistics of round-trip times', () => {
  it('are those that ping(8) prints for the same times', () => {
    // Of 0.031, 0.045, 0.052 and 0.040 ms, iputils prints 0.031/0.042/0.052/0.007.
    const statistics = rttStatistics([0.031, 0.045, 0.052, 0.04]);
    expect(statistics?.min).toBe(0.031);
    expect(statistics?.avg).toBeCloseTo(0.042, 12);
    expect(statistics?.max).toBe(0.052);
    expect(statistics?.mdev).toBeCloseTo(Math.sqrt(0.0000585), 6);
  });

  it('have a deviation of all times, not that of a sample', () => {
    expect(rttStatistics([1, 2, 3, 4])?.mdev).toBeCloseTo(Math.sqrt(1.25), 12);
    expect(rttStatistics([7])?.mdev).toBe(0);
  });

  it('have percentiles by nearest rank, whatever order the times came in', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(rttStatistics(hundred)).toMatchObject({ p50: 50, p90: 90, p95: 95, p99: 99, min: 1, max: 100 });
    expect(rttStatistics([3, 1, 2])).toMatchObject({ p50: 2, p90: 3, p95: 3, p99: 3 });
    expect(rttStatistics([5])).toMatchObject({ p50: 5, p99: 5 });
  });

  it('do not exist without a reply', () => {
    expect(rttStatistics([])).toBeUndefined();
  });

  it('lie in order for whatever times', () => {
    const times = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(times, (samples) => {
        const { min, avg, max, mdev, p50, p90, p95, p99 } = rttStatistics(samples) ?? fail();
        expect([min, p50, p90, p95, p99, max]).toEqual([min, p50, p90, p95, p99, max].sort((a, b) => a - b));
        expect(avg).toBeGreaterThanOrEqual(min - 1e-6);
        expect(avg).toBeLessThanOrEqual(max + 1e-6);
        expect(mdev).toBeLessThanOrEqual(max - min + 1e-6);
      }),
    );
  });
});

describe('the interarrival jitter of RFC 3550', () => {
  it('needs two packets', () => {
    const jitter = new InterarrivalJitter();
    expect(jitter.value).toBeUndefined();
    jitter.add(10);
    expect(jitter.value).toBeUndefined();
  });

  it('moves by a sixteenth of each difference', () => {
    const jitter = new InterarrivalJitter();
    for (const time of [10, 26, 10]) jitter.add(time);
    // 16/16 = 1, then 1 + (16 − 1)/16.
    expect(jitter.value).toBeCloseTo(1.9375, 12);
  });

  it('tends to the difference where that is always the same', () => {
    const jitter = new InterarrivalJitter();
    for (let packet = 0; packet < 400; packet += 1) jitter.add(packet % 2 === 0 ? 10 : 13);
    expect(jitter.value).toBeCloseTo(3, 6);
  });
});

function fail(): never {
  throw new Error('there are statistics');
}
