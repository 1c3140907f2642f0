import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../../../src/errors/index.js';
import { availability, type Stretch } from '../../../../src/probes/quality/availability.js';
import { type AvailabilityEvidence, AvailabilityRecord } from '../../../../src/probes/quality/availability-record.js';

const window = { from: 0, until: 1000 };

describe('availability', () => {
  it('is the time up by the time observed', () => {
    const outages = [
      { from: 100, until: 150 },
      { from: 500, until: 650 },
    ];
    expect(availability({ window, outages })).toEqual({
      observed: 1000,
      uptime: 800,
      downtime: 200,
      unknown: 0,
      availability: 0.8,
      failures: 2,
      restorations: 2,
      mtbf: 400,
      mttr: 100,
    });
  });

  it('counts unknown time neither as up nor as down', () => {
    const unknown = [
      { from: 400, until: 600 },
      { from: 550, until: 700 },
      { from: 900, until: 2000 },
    ];
    expect(availability({ window, outages: [{ from: 100, until: 160 }], unknown })).toEqual({
      observed: 600,
      uptime: 540,
      downtime: 60,
      unknown: 400,
      availability: 0.9,
      failures: 1,
      restorations: 1,
      mtbf: 540,
      mttr: 60,
    });
  });

  it('has no length for an outage whose beginning or end nobody saw', () => {
    for (const unknown of [[{ from: 50, until: 100 }], [{ from: 200, until: 250 }], [{ from: 120, until: 130 }]]) {
      expect(availability({ window, outages: [{ from: 100, until: 200 }], unknown })).toMatchObject({
        failures: 1,
        restorations: 0,
      });
    }
    const inside = availability({ window, outages: [{ from: 100, until: 200 }], unknown: [{ from: 120, until: 130 }] });
    expect(inside).toMatchObject({ downtime: 90, observed: 990 });
    expect(inside).not.toHaveProperty('mttr');
  });

  it('takes an outage from before the window for downtime and for no failure', () => {
    const before = availability({ window, outages: [{ from: -100, until: 100 }] });
    expect(before).toMatchObject({ downtime: 100, failures: 0, restorations: 0, availability: 0.9 });
    expect(before).not.toHaveProperty('mtbf');
    expect(availability({ window, outages: [{ from: 0, until: 100 }] })).toMatchObject({ failures: 0 });
  });

  it('takes one that is not over for a failure without a length', () => {
    expect(availability({ window, outages: [{ from: 900 }] })).toMatchObject({
      downtime: 100,
      failures: 1,
      restorations: 0,
      mtbf: 900,
    });
    expect(availability({ window, outages: [{ from: 900, until: 1001 }] })).toMatchObject({
      downtime: 100,
      restorations: 0,
    });
  });

  it('takes overlapping outages for one', () => {
    const outages = [
      { from: 300, until: 400 },
      { from: 200, until: 350 },
    ];
    expect(availability({ window, outages })).toMatchObject({ downtime: 200, failures: 1, mttr: 200 });
  });

  it('takes what is down when it is first known of for no failure', () => {
    const unknown = [{ from: -50, until: 300 }];
    const found = availability({ window, outages: [{ from: 300, until: 400 }], unknown });
    expect(found).toMatchObject({ downtime: 100, observed: 700, failures: 0, restorations: 0 });
    expect(found).not.toHaveProperty('mtbf');
    expect(availability({ window, outages: [{ from: 100, until: 400 }], unknown })).toMatchObject({ failures: 0 });
    expect(availability({ window, outages: [{ from: 301, until: 400 }], unknown })).toMatchObject({ failures: 1 });
  });

  it('counts for nothing an outage of which nothing was seen', () => {
    const unknown = [{ from: 400, until: 600 }];
    for (const outage of [
      { from: 400, until: 600 },
      { from: 450, until: 500 },
    ]) {
      expect(availability({ window, outages: [outage], unknown })).toMatchObject({ downtime: 0, failures: 0 });
    }
    expect(availability({ window, outages: [{ from: 399, until: 500 }], unknown })).toMatchObject({
      downtime: 1,
      failures: 1,
      restorations: 0,
    });
  });

  it('comes to what counting one by one comes to', () => {
    const stretch = fc.tuple(fc.integer({ min: -5, max: 65 }), fc.integer({ min: 1, max: 20 }));
    const stretches = fc.array(
      stretch.map(([from, length]) => ({ from, until: from + length })),
      { maxLength: 8 },
    );
    const isIn = (list: readonly Stretch[], moment: number) =>
      list.some(({ from, until }) => moment >= from && moment < until);
    fc.assert(
      fc.property(stretches, stretches, (outages, unknown) => {
        let [downtime, unknownTime] = [0, 0];
        for (let moment = 0; moment < 60; moment += 1) {
          if (isIn(unknown, moment)) unknownTime += 1;
          else if (isIn(outages, moment)) downtime += 1;
        }
        const found = availability({ window: { from: 0, until: 60 }, outages, unknown });
        expect(found).toMatchObject({ observed: 60 - unknownTime, downtime, unknown: unknownTime });
        expect(found.uptime).toBe(60 - unknownTime - downtime);
        expect(found.restorations).toBeLessThanOrEqual(found.failures);
      }),
      { numRuns: 500 },
    );
  });

  it('counts tens of thousands of outages and gaps without comparing each with each', () => {
    // Each with each would take half a minute.
    const many = (offset: number) =>
      Array.from({ length: 20_000 }, (_, index) => ({ from: index * 100 + offset, until: index * 100 + offset + 10 }));
    const found = availability({ window: { from: 0, until: 2_000_000 }, outages: many(20), unknown: many(50) });
    expect(found).toMatchObject({ downtime: 200_000, unknown: 200_000, failures: 20_000, restorations: 20_000 });
  });

  it('says nothing of what was not observed', () => {
    const nothing = availability({ window, outages: [], unknown: [window] });
    expect(nothing).toEqual({ observed: 0, uptime: 0, downtime: 0, unknown: 1000, failures: 0, restorations: 0 });
  });

  it('refuses stretches that end before they begin', () => {
    expect(() => availability({ window: { from: 1, until: 0 }, outages: [] })).toThrow(InvalidOptionError);
    expect(() => availability({ window, outages: [{ from: 2, until: 1 }] })).toThrow(InvalidOptionError);
    expect(() => availability({ window, outages: [], unknown: [{ from: Number.NaN, until: 1 }] })).toThrow(
      InvalidOptionError,
    );
  });
});

describe('AvailabilityRecord', () => {
  const ok = (startedAt: number): AvailabilityEvidence => ({ status: 'ok', startedAt });
  const failed = (startedAt: number): AvailabilityEvidence => ({ status: 'failed', startedAt });
  const inconclusive = (startedAt: number): AvailabilityEvidence => ({ status: 'inconclusive', startedAt });

  function recordOf(...results: readonly AvailabilityEvidence[]): AvailabilityRecord {
    const record = new AvailabilityRecord({ holds: 100 });
    for (const each of results) record.add(each);
    return record;
  }

  it('knows nothing before the first result', () => {
    expect(recordOf().at(5)).toEqual({ observed: 0, uptime: 0, downtime: 0, unknown: 0, failures: 0, restorations: 0 });
  });

  it('has each result hold until the next', () => {
    expect(recordOf(ok(0), ok(100), failed(200), failed(250), ok(300)).at(400)).toEqual({
      observed: 400,
      uptime: 300,
      downtime: 100,
      unknown: 0,
      availability: 0.75,
      failures: 1,
      restorations: 1,
      mtbf: 300,
      mttr: 100,
    });
  });

  it('knows nothing after an inconclusive one, and blames nobody for it', () => {
    const record = recordOf(ok(0), inconclusive(50), inconclusive(150), ok(250));
    expect(record.at(300)).toMatchObject({ observed: 100, unknown: 200, availability: 1, failures: 0 });
  });

  it('knows nothing where no probe followed for long', () => {
    expect(recordOf(ok(0), ok(500)).at(700)).toMatchObject({ observed: 200, unknown: 500 });
  });

  it('has an outage go on through unknown time, but no length for it', () => {
    const record = recordOf(ok(0), failed(50), inconclusive(100), failed(150), ok(200));
    expect(record.at(200)).toMatchObject({ downtime: 100, unknown: 50, failures: 1, restorations: 0 });
  });

  it('has no length for an outage in the middle of which no probe ran', () => {
    expect(recordOf(ok(0), failed(50), failed(400), ok(450)).at(450)).toMatchObject({
      downtime: 150,
      unknown: 250,
      failures: 1,
      restorations: 0,
    });
  });

  it('takes what is down from the first for no failure', () => {
    expect(recordOf(failed(0), ok(50)).at(100)).toMatchObject({ downtime: 50, failures: 0, restorations: 0 });
  });

  it('takes what is down when it is first known of for no failure', () => {
    const found = recordOf(inconclusive(0), inconclusive(50), failed(100), ok(150)).at(200);
    expect(found).toMatchObject({ observed: 100, downtime: 50, unknown: 100, failures: 0, restorations: 0 });
    expect(found).not.toHaveProperty('mtbf');
    expect(recordOf(inconclusive(0), ok(50), failed(100)).at(150)).toMatchObject({ failures: 1 });
  });

  it('goes on from there when the clock was set back', () => {
    const far = 1_000_000;
    const record = recordOf(ok(far), failed(far + 50), ok(100), ok(150), failed(200), ok(250));
    // The first outage has no length: how long the time before the clock was set back was, nobody knows.
    expect(record.at(300)).toEqual({
      observed: 250,
      uptime: 200,
      downtime: 50,
      unknown: 0,
      availability: 0.8,
      failures: 2,
      restorations: 1,
      mtbf: 100,
      mttr: 50,
    });
    expect(recordOf(failed(far), failed(100), failed(150)).at(200)).toMatchObject({ downtime: 100, failures: 0 });
    expect(recordOf(ok(far), inconclusive(100), ok(150)).at(200)).toMatchObject({ observed: 50, unknown: 50 });
  });

  it('takes time that was skipped by the clock for unknown', () => {
    expect(recordOf(ok(0), ok(1_000_000)).at(1_000_050)).toMatchObject({ observed: 150, unknown: 999_900 });
  });

  it('refuses what is no result and no moment, before it spoils the sums', () => {
    const record = recordOf(ok(0));
    expect(() => record.add(ok(Number.NaN))).toThrow(InvalidOptionError);
    expect(() => record.add(ok(Number.POSITIVE_INFINITY))).toThrow(InvalidOptionError);
    expect(() => record.add(JSON.parse('{ "status": "up", "startedAt": 1 }'))).toThrow(InvalidOptionError);
    expect(() => record.add(JSON.parse('{ "status": "ok", "startedAt": null }'))).toThrow(InvalidOptionError);
    expect(() => record.at(Number.NaN)).toThrow(InvalidOptionError);
    expect(record.at(50)).toMatchObject({ observed: 50, availability: 1 });
  });

  it('leaves out what is older than the last', () => {
    expect(recordOf(ok(100), failed(50), ok(150)).at(150)).toMatchObject({ observed: 50, failures: 0 });
  });

  it('refuses options that make no sense', () => {
    expect(() => new AvailabilityRecord({ holds: 0 })).toThrow(InvalidOptionError);
  });

  it('comes to what availability() makes of the same stretches', () => {
    const step = fc.record({
      gap: fc.integer({ min: 1, max: 250 }),
      status: fc.constantFrom('ok', 'failed', 'inconclusive'),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), (steps) => {
        let at = 0;
        const results = steps.map(({ gap, status }): AvailabilityEvidence => {
          at += gap;
          return { status, startedAt: at };
        });
        const record = recordOf();
        for (const [index, result] of results.entries()) {
          record.add(result);
          const end = result.startedAt + 70 + (index % 3) * 40;
          expect(record.at(end)).toEqual(availability(stretchesOf(results.slice(0, index + 1), end)));
        }
      }),
    );
  });
});

/** The stretches that results stand for when each holds for 100 ms. An outage spans what is unknown within it. */
function stretchesOf(results: readonly AvailabilityEvidence[], end: number) {
  const unknown: Stretch[] = [];
  const outages: { from: number; until?: number }[] = [];
  for (const [index, { status, startedAt }] of results.entries()) {
    const until = results[index + 1]?.startedAt ?? end;
    const knownUntil = status === 'inconclusive' ? startedAt : Math.min(until, startedAt + 100);
    if (knownUntil < until) unknown.push({ from: knownUntil, until });
    const open = outages.at(-1);
    const isOpen = open !== undefined && open.until === undefined;
    if (status === 'failed' && !isOpen) outages.push({ from: startedAt });
    if (status === 'ok' && isOpen) open.until = startedAt;
  }
  return { window: { from: results[0]?.startedAt ?? 0, until: end }, outages, unknown };
}
