import { describe, expect, it } from 'vitest';
import { EchoSeries } from '../../../../src/probes/ping/echo-series.js';

const PLAN = { count: 3, interval: 100, timeout: 1_000 };
const UNREACHABLE = { from: '192.0.2.1', type: 3, code: 1, meaning: 'host-unreachable' };

/** Sends all, each when it is due. */
function allSent(plan = PLAN): EchoSeries {
  const series = new EchoSeries(plan, 0);
  for (let index = 0; index < plan.count; index += 1) series.begin(index * plan.interval);
  return series;
}

describe('a series of echo requests', () => {
  it('sends one after another at its interval', () => {
    const series = new EchoSeries(PLAN, 50);
    expect(series.due).toBe(50);
    expect(series.wantsToSend(49)).toBe(false);
    expect(series.wantsToSend(50)).toBe(true);
    expect(series.begin(50)).toBe(0);
    expect(series.due).toBe(150);
    // A little late: the next is not, so that the interval does not grow.
    expect(series.begin(153)).toBe(1);
    expect(series.due).toBe(250);
  });

  it('does not make up in a burst for what it missed while the process stood still', () => {
    const series = new EchoSeries({ ...PLAN, count: 10, timeout: 100_000 }, 0);
    series.begin(0);
    series.begin(5_000);
    expect(series.wantsToSend(5_000)).toBe(false);
    expect(series.due).toBe(5_050);
  });

  it('is over when all are answered', () => {
    const series = allSent();
    series.replied(0, 1, 64);
    series.replied(1, 2, 64);
    expect(series.isOver).toBe(false);
    series.replied(2, 3, 63);
    expect(series.isOver).toBe(true);
    expect(series.due).toBe(Number.POSITIVE_INFINITY);
    expect(series.outcome()).toMatchObject({ sent: 3, received: 3, samples: [1, 2, 3], replyTtls: [64, 63] });
  });

  it('gives each request its own time', () => {
    const series = allSent();
    series.replied(1, 2, 64);
    const closed: number[] = [];
    series.expire(1_000, (index) => closed.push(index));
    expect(closed).toEqual([]);
    series.expire(1_150, (index) => closed.push(index));
    expect(closed).toEqual([0, 1]);
    expect(series.isOver).toBe(false);
    series.expire(1_201, (index) => closed.push(index));
    expect(closed).toEqual([0, 1, 2]);
    expect(series.isOver).toBe(true);
    expect(series.outcome()).toMatchObject({ sent: 3, received: 1, samples: [2] });
  });

  it('is due when the oldest request that waits is to be given up', () => {
    const series = allSent();
    expect(series.due).toBe(1_001);
    series.replied(0, 1, 64);
    expect(series.due).toBe(1_101);
  });

  it('gives samples in the order of asking, whatever the order of the replies, and counts those that were overtaken', () => {
    const series = allSent();
    series.replied(2, 3, -1);
    series.replied(0, 1, -1);
    series.replied(1, 2, -1);
    expect(series.outcome()).toMatchObject({ samples: [1, 2, 3], reordered: 2, replyTtls: [] });
  });

  it('counts duplicates, and keeps the time of the first', () => {
    const series = allSent();
    series.replied(0, 1, 64);
    series.replied(0, 9, 64);
    series.replied(0, 9, 64);
    expect(series.outcome()).toMatchObject({ received: 1, duplicates: 2, samples: [1] });
  });

  it('waits no longer for what an ICMP error came for, and counts equal errors together', () => {
    const series = allSent();
    series.refused(0, UNREACHABLE);
    series.refused(1, UNREACHABLE);
    series.refused(2, { ...UNREACHABLE, from: '192.0.2.9' });
    expect(series.isOver).toBe(true);
    expect(series.outcome().errors).toEqual([
      { ...UNREACHABLE, count: 2 },
      { ...UNREACHABLE, from: '192.0.2.9', count: 1 },
    ]);
  });

  it('believes a reply that comes in spite of an error: errors are easy to forge', () => {
    const series = allSent({ ...PLAN, count: 2 });
    series.refused(0, UNREACHABLE);
    series.replied(0, 1, 64);
    series.replied(1, 1, 64);
    expect(series.outcome()).toMatchObject({ received: 2 });
    expect(series.isOver).toBe(true);
  });

  it('keeps 16 different errors at most', () => {
    const series = allSent();
    for (let host = 0; host < 1_000; host += 1) series.refused(0, { ...UNREACHABLE, from: `192.0.2.${host}` });
    expect(series.outcome().errors.length).toBe(16);
  });

  it('sends nothing more where the first could not be sent', () => {
    const series = new EchoSeries(PLAN, 0);
    const error = new Error('no route');
    series.unsent(series.begin(0), error);
    expect(series.isOver).toBe(true);
    expect(series.outcome()).toMatchObject({ sent: 0, received: 0, sendError: error });
    const closed: number[] = [];
    series.end(1, (index) => closed.push(index));
    // The others have never had a sequence number that could be given back.
    expect(closed).toEqual([0]);
  });

  it('has lost what was sent and brought an error in the place of an answer', () => {
    const series = new EchoSeries({ ...PLAN, count: 2 }, 0);
    const error = new Error('unreachable');
    series.failed(series.begin(0), error);
    expect(series.isOver).toBe(false);
    series.replied(series.begin(100), 1, 64);
    expect(series.outcome()).toMatchObject({ sent: 2, received: 1, sendError: error });
  });

  it('goes on where only a later one could not be sent', () => {
    const series = new EchoSeries(PLAN, 0);
    series.replied(series.begin(0), 1, 64);
    series.unsent(series.begin(100), new Error('no route'));
    expect(series.isOver).toBe(false);
    series.replied(series.begin(200), 1, 64);
    expect(series.isOver).toBe(true);
    expect(series.outcome()).toMatchObject({ sent: 2, received: 2 });
  });

  it('can be ended early: then neither what was not sent counts nor what had still time', () => {
    const series = new EchoSeries({ ...PLAN, count: 10 }, 0);
    series.begin(0);
    series.replied(series.begin(100), 1, 64);
    series.begin(200);
    const closed: number[] = [];
    series.end(1_100, (index) => closed.push(index));
    expect(closed).toEqual([0, 1, 2]);
    expect(series.isOver).toBe(true);
    expect(series.due).toBe(Number.POSITIVE_INFINITY);
    expect(series.outcome()).toMatchObject({ sent: 2, received: 1 });
  });
});
