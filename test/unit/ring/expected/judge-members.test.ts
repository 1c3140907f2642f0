import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AlertEvent,
  type ExpectedMembers,
  INITIAL_MEMBERS_STATE,
  judgeMembers,
  leaveOut,
  type MembersJudgement,
  type MembersState,
  type PresentMember,
  readExpectedMembers,
} from '../../../../src/ring/expected/index.js';

type Locations = Readonly<
  Record<string, { readonly expected_count: number; readonly criticality: string; readonly grace_period?: number }>
>;

const SECOND = 1_000;
const HOUR = 3_600_000;
const START = 1_700_000_000_000;

const expecting = (locations: Locations, settings: object = { location_establishment_time: 0 }): ExpectedMembers =>
  readExpectedMembers({ expected_members: { locations, settings } });

const at = (counts: Readonly<Record<string, number>>): readonly PresentMember[] =>
  Object.entries(counts).flatMap(([location, count]) =>
    Array.from({ length: count }, (_, index) => ({ id: `${location} ${index}`, location })),
  );

/** Judges again and again, as a registry does. */
class Registry {
  expected: ExpectedMembers;
  state: MembersState = INITIAL_MEMBERS_STATE;
  now = START;

  constructor(expected: ExpectedMembers) {
    this.expected = expected;
  }

  /** After so many milliseconds, with so many members in each location. */
  after(duration: number, counts: Readonly<Record<string, number>>): MembersJudgement {
    this.now += duration;
    const judgement = judgeMembers(this.expected, at(counts), this.state, this.now);
    // A store keeps it as JSON.
    this.state = JSON.parse(JSON.stringify(judgement.state));
    return judgement;
  }
}

const told = ({ alerts }: MembersJudgement) => alerts.map(({ event, alert }) => `${event} ${alert.key}`);

describe('a location', () => {
  const one = (count: number, actual: number) =>
    judgeMembers(
      expecting({ EU1: { expected_count: count, criticality: 'low' } }),
      at({ EU1: actual }),
      INITIAL_MEMBERS_STATE,
      START,
    ).verdicts[0];

  it.each([
    [2, 2, 0, 'healthy'],
    [2, 1, 1, 'missing_members'],
    [2, 0, 2, 'missing_members'],
    [2, 3, 0, 'extra_members'],
    [0, 0, 0, 'healthy'],
    [0, 1, 0, 'extra_members'],
  ])('with %i expected and %i there lacks %i: %s', (count, actual, missing, status) => {
    expect(one(count, actual)).toMatchObject({ expected: count, actual, missing, status });
  });

  it('of which the file says nothing is unexpected, and nobody is alerted', () => {
    const { verdicts, alerts, summary, state } = new Registry(expecting({})).after(0, { TEST2: 1 });
    expect(verdicts).toMatchObject([
      {
        location: 'TEST2',
        status: 'unexpected_location',
        criticality: 'unknown',
        expected: 0,
        missing: 0,
        members: ['TEST2 0'],
      },
    ]);
    expect(summary).toEqual({
      expectedLocations: 0,
      missingMembers: 0,
      criticalLocationsMissing: 0,
      unexpectedLocations: 1,
    });
    expect(alerts).toEqual([]);
    expect(state.locations).toEqual([]);
  });

  it('may be named like parts of JavaScript', () => {
    const names = ['__proto__', 'constructor', ''];
    const members = names.map((location, index) => ({ id: `${index}`, location }));
    const { verdicts } = judgeMembers(expecting({}), members, INITIAL_MEMBERS_STATE, START);
    expect(verdicts.map(({ location }) => location)).toEqual(names);
  });

  it('counts a member once, at the place that it named last', () => {
    const members = [
      { id: 'a', location: 'EU1' },
      { id: 'a', location: 'EU1' },
      { id: 'b', location: 'EU1' },
      { id: 'b', location: 'EU2' },
    ];
    const { verdicts } = judgeMembers(expecting({}), members, INITIAL_MEMBERS_STATE, START);
    expect(verdicts.map(({ location, members: there }) => [location, there])).toEqual([
      ['EU1', ['a']],
      ['EU2', ['b']],
    ]);
  });
});

describe('an alert', () => {
  it('of a highly critical location is an error, when its grace period is over and not before', () => {
    const registry = new Registry(expecting({ EU1: { expected_count: 2, criticality: 'high', grace_period: 300 } }));
    expect(told(registry.after(0, { EU1: 2 }))).toEqual([]);
    expect(told(registry.after(60 * SECOND, { EU1: 1 }))).toEqual([]);
    const within = registry.after(300 * SECOND - 1, { EU1: 1 });
    expect(told(within)).toEqual([]);
    expect(within.verdicts).toMatchObject([
      { status: 'missing_members', missing: 1, overdue: 0, missingSince: START + 60 * SECOND },
    ]);
    const { alerts, standing, verdicts } = registry.after(1, { EU1: 1 });
    expect(verdicts).toMatchObject([{ missing: 1, overdue: 1 }]);
    expect(alerts).toEqual([
      {
        event: 'raised',
        at: registry.now,
        alert: {
          key: 'error:location:EU1',
          level: 'error',
          about: 'location',
          location: 'EU1',
          criticality: 'high',
          missing: 1,
          raisedAt: registry.now,
          message: 'EU1 lacks 1 of 2 members',
        },
      },
      {
        event: 'raised',
        at: registry.now,
        alert: {
          key: 'error:critical',
          level: 'error',
          about: 'critical',
          locations: 1,
          missing: 1,
          raisedAt: registry.now,
          message: '1 highly critical location without all members',
        },
      },
    ]);
    expect(standing).toEqual(alerts.map(({ alert }) => alert));
  });

  it('is told once, and once when it is resolved; then again with the same key', () => {
    const registry = new Registry(
      expecting(
        { EU1: { expected_count: 2, criticality: 'high', grace_period: 60 } },
        {
          location_establishment_time: 0,
          alerts: { critical_missing_threshold: 9 },
        },
      ),
    );
    registry.after(0, { EU1: 1 });
    expect(told(registry.after(60 * SECOND, { EU1: 1 }))).toEqual(['raised error:location:EU1']);
    const raisedAt = registry.now;
    for (const count of [1, 0, 0, 1]) {
      const { alerts, standing } = registry.after(60 * SECOND, { EU1: count });
      expect(alerts).toEqual([]);
      expect(standing).toMatchObject([{ key: 'error:location:EU1', raisedAt }]);
    }
    expect(told(registry.after(60 * SECOND, { EU1: 2 }))).toEqual(['resolved error:location:EU1']);
    expect(told(registry.after(60 * SECOND, { EU1: 2 }))).toEqual([]);
    registry.after(60 * SECOND, { EU1: 1 });
    expect(told(registry.after(60 * SECOND, { EU1: 1 }))).toEqual(['raised error:location:EU1']);
  });

  it('of medium criticality is a warning, and only where two are missing, each for the grace period', () => {
    const registry = new Registry(expecting({ ASIA1: { expected_count: 3, criticality: 'medium', grace_period: 60 } }));
    registry.after(0, { ASIA1: 2 });
    expect(told(registry.after(HOUR, { ASIA1: 2 }))).toEqual([]);
    expect(told(registry.after(SECOND, { ASIA1: 1 }))).toEqual([]);
    expect(told(registry.after(59 * SECOND, { ASIA1: 1 }))).toEqual([]);
    const { alerts } = registry.after(SECOND, { ASIA1: 1 });
    expect(alerts).toMatchObject([
      { event: 'raised', alert: { key: 'warning:location:ASIA1', level: 'warning', missing: 2 } },
    ]);
  });

  it('of low criticality is none, whoever is missing', () => {
    const registry = new Registry(expecting({ DEV: { expected_count: 2, criticality: 'low', grace_period: 0 } }));
    expect(told(registry.after(0, {}))).toEqual([]);
    expect(told(registry.after(HOUR, {}))).toEqual([]);
  });

  it('about all locations comes with the thresholds, and counts low criticality too', () => {
    const registry = new Registry(
      expecting(
        {
          A: { expected_count: 1, criticality: 'high', grace_period: 0 },
          B: { expected_count: 1, criticality: 'high', grace_period: 0 },
          C: { expected_count: 2, criticality: 'low', grace_period: 0 },
        },
        { location_establishment_time: 0, alerts: { critical_missing_threshold: 2, total_missing_threshold: 3 } },
      ),
    );
    expect(told(registry.after(0, { A: 1, B: 1 }))).toEqual([]);
    expect(told(registry.after(0, { B: 1 }))).toEqual(['raised error:location:A', 'raised warning:total']);
    expect(told(registry.after(0, {}))).toEqual(['raised error:location:B', 'raised error:critical']);
    expect(told(registry.after(0, { A: 1, C: 1 }))).toEqual([
      'resolved error:location:A',
      'resolved error:critical',
      'resolved warning:total',
    ]);
  });

  it('is resolved when the location leaves the file, and is another when the location becomes less critical', () => {
    const registry = new Registry(expecting({ EU1: { expected_count: 2, criticality: 'high', grace_period: 0 } }));
    registry.after(0, {});
    registry.expected = expecting({ EU1: { expected_count: 2, criticality: 'medium', grace_period: 0 } });
    expect(told(registry.after(SECOND, {}))).toEqual([
      'resolved error:location:EU1',
      'resolved error:critical',
      'raised warning:location:EU1',
    ]);
    registry.expected = expecting({});
    expect(told(registry.after(SECOND, {}))).toEqual(['resolved warning:location:EU1']);
    expect(registry.state).toEqual(INITIAL_MEMBERS_STATE);
  });
});

describe('an establishment time', () => {
  const establishing = (grace_period = 60) =>
    new Registry(
      expecting(
        { EU1: { expected_count: 1, criticality: 'high', grace_period } },
        { location_establishment_time: 3_600 },
      ),
    );

  it('lets nobody be alerted of a location that was never there', () => {
    const registry = establishing();
    registry.after(0, {});
    const { alerts, verdicts } = registry.after(10 * HOUR, {});
    expect(alerts).toEqual([]);
    expect(verdicts).toMatchObject([{ status: 'missing_members', missing: 1, overdue: 1, isEstablished: false }]);
  });

  it('is over when the location was there for that long, and stays over', () => {
    const registry = establishing();
    registry.after(0, { EU1: 1 });
    expect(registry.after(HOUR - 1, { EU1: 1 }).verdicts).toMatchObject([{ isEstablished: false }]);
    expect(registry.after(1, { EU1: 1 }).verdicts).toMatchObject([{ isEstablished: true }]);
    registry.after(SECOND, {});
    expect(told(registry.after(60 * SECOND, {}))).toEqual(['raised error:location:EU1', 'raised error:critical']);
    expect(registry.after(10 * HOUR, {}).verdicts).toMatchObject([{ isEstablished: true }]);
  });

  it('goes on through gaps shorter than the grace period, and begins anew after others', () => {
    const short = establishing();
    short.after(0, { EU1: 1 });
    short.after(HOUR / 2, {});
    short.after(60 * SECOND - 1, { EU1: 1 });
    expect(short.after(HOUR / 2, { EU1: 1 }).verdicts).toMatchObject([{ isEstablished: true }]);
    const long = establishing();
    long.after(0, { EU1: 1 });
    long.after(HOUR / 2, {});
    long.after(60 * SECOND, { EU1: 1 });
    expect(long.after(HOUR / 2, { EU1: 1 }).verdicts).toMatchObject([{ isEstablished: false }]);
    expect(long.after(HOUR / 2, { EU1: 1 }).verdicts).toMatchObject([{ isEstablished: true }]);
  });

  it('is not over while nobody is there, also within the grace period', () => {
    const registry = establishing(300);
    registry.after(0, { EU1: 1 });
    registry.after(HOUR - 60 * SECOND, {});
    expect(registry.after(120 * SECOND, {}).verdicts).toMatchObject([{ isEstablished: false }]);
  });

  it('takes no gap between judgements for an absence, also without a grace period', () => {
    const registry = establishing(0);
    registry.after(0, { EU1: 1 });
    expect(registry.after(HOUR, { EU1: 1 }).verdicts).toMatchObject([{ isEstablished: true }]);
  });
});

describe('time', () => {
  it('in which the registry was offline itself can be left out', () => {
    const registry = new Registry(expecting({ EU1: { expected_count: 1, criticality: 'high', grace_period: 300 } }));
    registry.after(0, {});
    registry.state = leaveOut(registry.state, HOUR);
    expect(told(registry.after(HOUR + 299 * SECOND, {}))).toEqual([]);
    expect(told(registry.after(SECOND, {}))).toEqual(['raised error:location:EU1', 'raised error:critical']);
  });

  it('that is left out establishes nothing', () => {
    const settings = { location_establishment_time: 3_600 };
    const registry = new Registry(
      expecting({ EU1: { expected_count: 1, criticality: 'high', grace_period: 60 } }, settings),
    );
    registry.after(0, { EU1: 1 });
    registry.after(HOUR / 2, {});
    registry.state = leaveOut(registry.state, HOUR);
    // The gap before and after what is left out is one, and shorter than the grace period.
    expect(registry.after(HOUR + 59 * SECOND, { EU1: 1 }).verdicts).toMatchObject([{ isEstablished: false }]);
    expect(registry.after(HOUR / 2 - 60 * SECOND, { EU1: 1 }).verdicts).toMatchObject([{ isEstablished: false }]);
    expect(registry.after(SECOND, { EU1: 1 }).verdicts).toMatchObject([{ isEstablished: true }]);
  });

  it('that is set back lets the grace period begin anew, and not last longer', () => {
    const registry = new Registry(expecting({ EU1: { expected_count: 1, criticality: 'high', grace_period: 300 } }));
    registry.after(0, {});
    expect(told(registry.after(-HOUR, {}))).toEqual([]);
    expect(told(registry.after(299 * SECOND, {}))).toEqual([]);
    expect(told(registry.after(SECOND, {}))).toContain('raised error:location:EU1');
  });
});

describe('any course of events', () => {
  const GRACE = 100 * SECOND;
  const course = fc.array(
    fc.record({ duration: fc.nat({ max: 80 * SECOND }), A: fc.nat({ max: 4 }), B: fc.nat({ max: 4 }) }),
    { maxLength: 40, size: 'max' },
  );
  const files = expecting({
    A: { expected_count: 3, criticality: 'high', grace_period: 100 },
    B: { expected_count: 3, criticality: 'medium', grace_period: 100 },
  });

  /** For how long fewer than that were there, as far as judgements know. */
  function lacking(
    past: readonly { readonly now: number; readonly actual: number }[],
    fewer: number,
  ): number | undefined {
    const last = past.at(-1);
    const broken = past.findLastIndex(({ actual }) => actual >= fewer);
    const since = past[broken + 1];
    return last === undefined || since === undefined ? undefined : last.now - since.now;
  }

  it('lets an alert stand exactly while so many have been missing for the grace period', () => {
    fc.assert(
      fc.property(course, (events) => {
        const registry = new Registry(files);
        const past = { A: [] as { now: number; actual: number }[], B: [] as { now: number; actual: number }[] };
        for (const { duration, A, B } of events) {
          const { standing } = registry.after(duration, { A, B });
          past.A.push({ now: registry.now, actual: A });
          past.B.push({ now: registry.now, actual: B });
          const keys = standing.map(({ key }) => key);
          expect(keys.includes('error:location:A')).toBe((lacking(past.A, 3) ?? -1) >= GRACE);
          expect(keys.includes('warning:location:B')).toBe((lacking(past.B, 2) ?? -1) >= GRACE);
          expect(keys.includes('error:critical')).toBe(keys.includes('error:location:A'));
        }
      }),
    );
  });

  it('tells each alert in turn as raised and resolved, so that whoever listens knows what stands', () => {
    fc.assert(
      fc.property(course, (events) => {
        const registry = new Registry(files);
        const known = new Set<string>();
        for (const { duration, A, B } of events) {
          const { alerts, standing } = registry.after(duration, { A, B });
          for (const event of alerts) hear(known, event);
          expect([...known].sort()).toEqual(standing.map(({ key }) => key).sort());
        }
      }),
    );
  });

  function hear(known: Set<string>, { event, alert }: AlertEvent): void {
    expect(known.has(alert.key)).toBe(event === 'resolved');
    if (event === 'raised') known.add(alert.key);
    else known.delete(alert.key);
  }
});
