import { describe, expect, it } from 'vitest';
import { StartRate } from '../../../../src/probes/schedule/start-rate.js';
import {
  offsetOf,
  slowStartDelay,
  turnAfter,
  turnsBetween,
  untilFirstTurn,
} from '../../../../src/probes/schedule/turns.js';

describe('the place of a task in its interval', () => {
  it('is the same each time, and another for another name', () => {
    expect(offsetOf('host tcp a:1', 10_000)).toBe(offsetOf('host tcp a:1', 10_000));
    expect(offsetOf('host tcp a:1', 10_000)).not.toBe(offsetOf('host tcp a:2', 10_000));
  });

  it('spreads many evenly, also where their names are alike', () => {
    const tenths = new Array<number>(10).fill(0);
    for (let index = 0; index < 10_000; index += 1) {
      const tenth = Math.floor(offsetOf(`host tcp 192.0.2.1:${index}`, 10));
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    // A fair die of ten sides deviates by more than five standard deviations (150) once in a million.
    expect(Math.max(...tenths.map((count) => Math.abs(count - 1_000)))).toBeLessThan(150);
  });

  it('is kept across restarts: the first turn is where the clock on the wall says', () => {
    for (const epoch of [0, 999, 123_456_789]) {
      const wait = untilFirstTurn(400, 1_000, epoch);
      expect((epoch + wait) % 1_000).toBe(400);
      expect(wait).toBeGreaterThanOrEqual(0);
      expect(wait).toBeLessThan(1_000);
    }
  });
});

describe('the row of turns', () => {
  const turns = { anchor: 100, interval: 1_000 };

  it('goes on in its rhythm after a start that was in time or a little late', () => {
    expect(turnAfter(turns, 100)).toBe(1_100);
    expect(turnAfter(turns, 500)).toBe(1_100);
  });

  it('leaves a turn out that would follow a late start at once', () => {
    expect(turnAfter(turns, 700)).toBe(2_100);
  });

  it('leaves out all that were missed', () => {
    expect(turnAfter(turns, 5_150)).toBe(6_100);
    expect(turnsBetween(1_100, 6_100, 1_000)).toBe(4);
  });

  it('counts none as missed where a turn was brought forward', () => {
    expect(turnsBetween(1_700, 3_100, 1_000)).toBe(0);
    expect(turnsBetween(1_100, 2_100, 1_000)).toBe(0);
  });
});

describe('the slow start', () => {
  it('begins with eight at most in the first round, and doubles', () => {
    const delays = Array.from({ length: 600 }, (_, rank) => slowStartDelay(rank));
    const inRound = (round: number) => delays.filter((delay) => Math.floor(delay / 200) === round).length;
    expect([0, 1, 2, 3, 4, 5].map(inRound)).toEqual([8, 16, 32, 64, 128, 256]);
    expect(delays).toEqual([...delays].sort((a, b) => a - b));
  });

  it('is bounded in its width', () => {
    expect(slowStartDelay(10_000) - slowStartDelay(9_744)).toBeCloseTo(200);
  });
});

describe('the bound of starts a second', () => {
  it('lets through as many as it says, and no burst above a tenth of a second', () => {
    const rate = new StartRate(100);
    const takeAll = (now: number) => {
      let taken = 0;
      while (rate.take(now)) taken += 1;
      return taken;
    };
    expect(takeAll(0)).toBe(10);
    expect(rate.wait).toBeCloseTo(10);
    expect(takeAll(50)).toBe(5);
    expect(takeAll(60_000)).toBe(10);
  });

  it('waits for a whole one where it is less than one a second', () => {
    const rate = new StartRate(0.5);
    expect(rate.take(0)).toBe(true);
    expect(rate.take(0)).toBe(false);
    expect(rate.wait).toBeCloseTo(2_000);
    expect(rate.take(1_999)).toBe(false);
    expect(rate.take(2_001)).toBe(true);
  });

  it('is no bound at all where it is Infinity', () => {
    const rate = new StartRate(Number.POSITIVE_INFINITY);
    for (let count = 0; count < 1_000; count += 1) expect(rate.take(0)).toBe(true);
  });
});
