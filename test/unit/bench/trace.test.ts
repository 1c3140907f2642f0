import { describe, expect, it } from 'vitest';
import { carry } from '../../../bench/trace/connection.js';
import { makeTrace, type Outage } from '../../../bench/trace/trace.js';
import { VirtualClock } from '../../../bench/trace/virtual-clock.js';

const SIZE = { outages: 40, works: 200 };

describe('a trace', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(makeTrace(1, SIZE)).toEqual(makeTrace(1, SIZE));
    expect(makeTrace(1, SIZE)).not.toEqual(makeTrace(2, SIZE));
  });

  it('has outages of 0.2 to 60 seconds, one after the other', () => {
    const { outages } = makeTrace(7, { outages: 1_000, works: 0 });
    const lengths = outages.map(({ from, until }) => until - from);
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(200);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(60_000);
    expect(outages.slice(1).every(({ from }, index) => from > (outages[index]?.until ?? 0))).toBe(true);
  });

  it('has outages of both kinds, and some work that the server refuses', () => {
    const { outages, works } = makeTrace(1, SIZE);
    expect(new Set(outages.map(({ kind }) => kind))).toEqual(new Set(['link set down', 'carrier lost']));
    expect(new Set(works.map(({ refusals }) => refusals))).toEqual(new Set([0, 1, 2]));
  });
});

describe('an exchange', () => {
  const outage = (from: number, until: number, kind: Outage['kind'] = 'carrier lost') => ({
    outages: [{ from, until, kind }],
  });

  it('arrives when it has taken its time', () => {
    expect(carry({ outages: [] }, 100, 50)).toEqual({ kind: 'arrives', at: 150, movesAgainAt: [] });
  });

  it('fails at once where the link is set down', () => {
    expect(carry(outage(0, 9_000, 'link set down'), 100, 50)).toMatchObject({ code: 'ENETUNREACH', at: 101 });
  });

  it('fails after three seconds in which no neighbour was found', () => {
    expect(carry(outage(0, 9_000), 100, 50)).toMatchObject({ code: 'EHOSTUNREACH', at: 3_100 });
  });

  it('gets through with the next look for the neighbour after the carrier is back', () => {
    expect(carry(outage(0, 1_500), 100, 50)).toEqual({ kind: 'arrives', at: 2_150, movesAgainAt: [2_100] });
  });

  it('goes on with the first retransmission after the outage that cut it', () => {
    expect(carry(outage(1_000, 2_000), 0, 1_500)).toEqual({ kind: 'arrives', at: 2_900, movesAgainAt: [2_400] });
  });

  it('is given up by the client when nothing has moved for half a minute', () => {
    expect(carry(outage(1_000, 50_000), 0, 1_500)).toMatchObject({ code: 'ETIMEDOUT', at: 31_000 });
  });
});

describe('the virtual clock', () => {
  it('goes from timer to timer, and Date and performance.now with it', async () => {
    const clock = new VirtualClock();
    const seen: (readonly [string, number, number])[] = [];
    clock.install();
    try {
      const begun = Date.now();
      const note = (what: string) => seen.push([what, performance.now(), Date.parse(new Date().toISOString()) - begun]);
      const end = new Promise<void>((resolve) => setTimeout(resolve, 5_000));
      setTimeout(() => note('second'), 2_000);
      setTimeout(() => note('first'), 1_000);
      clearTimeout(setTimeout(() => note('never'), 1_500));
      const interval = setInterval(() => note('again'), 2_100);
      await clock.runUntil(end);
      clearInterval(interval);
    } finally {
      clock.uninstall();
    }
    expect(seen).toEqual([
      ['first', 1_000, 1_000],
      ['second', 2_000, 2_000],
      ['again', 2_100, 2_100],
      ['again', 4_200, 4_200],
    ]);
  });

  it('says so when nothing is left that could happen', async () => {
    await expect(new VirtualClock().runUntil(new Promise(() => {}))).rejects.toThrow(RangeError);
  });

  it('gives the real ones back', () => {
    const before = [setTimeout, clearInterval, Date, performance.now];
    const clock = new VirtualClock();
    clock.install();
    clock.uninstall();
    expect([setTimeout, clearInterval, Date, performance.now]).toEqual(before);
  });
});
