import { describe, expect, it } from 'vitest';
import { judge } from '../../matrix/judge.js';
import type { Connect, Observation, Outage, Verdict, WorkHistory, WorkStep } from '../../matrix/observation.js';

const bounds = { path: { idle: 1_200, busy: 100 }, reach: 1_500, round: 1_000, stuck: 5_000 };
const up: Verdict = { at: 0, state: 'up', reason: 'reachable' };
const downAt = (at: number, reason: Verdict['reason'] = 'no-carrier'): Verdict => ({ at, state: 'down', reason });
const upAt = (at: number): Verdict => ({ ...up, at });

const pathOutage: Outage = {
  from: 1_000,
  madeBy: 1_020,
  mendedFrom: 3_000,
  until: 3_010,
  evidence: 'path',
  reasons: ['no-carrier'],
  busy: false,
  mustBeSeen: true,
};

/** A fresh connection every 50 ms, which fails within these spans. */
function connects(until: number, ...dead: readonly (readonly [number, number])[]): readonly Connect[] {
  return Array.from({ length: until / 50 }, (_, index) => index * 50).map((from) => {
    const isDead = dead.some(([begin, end]) => from >= begin && from < end);
    return isDead ? { from, until: from + 40, outcome: 'ETIMEDOUT' } : { from, until: from + 1, outcome: 'connected' };
  });
}

function work(...steps: readonly (readonly [number, WorkStep['step']])[]): WorkHistory {
  return { name: 'upload', fate: 'unspent', steps: steps.map(([at, step]) => ({ at, step })) };
}

const attempt = { kind: 'attempt' } as const;
const pause = { kind: 'pause' } as const;
const resume = { kind: 'resume' } as const;
const done = { kind: 'done' } as const;

function observation(change: Partial<Observation> = {}): Observation {
  return {
    subject: 'host',
    bounds,
    outages: [],
    verdicts: [up],
    calm: ['up (reachable)'],
    finally: ['up (reachable)'],
    witnessed: true,
    blinks: 0,
    connects: connects(6_000),
    lookups: [],
    works: [],
    stalls: [],
    endedAt: 6_000,
    ...change,
  };
}

/** An outage of two seconds that is seen after 5 ms, and whose end is seen at once. */
function outage(change: Partial<Observation> = {}): Observation {
  return observation({
    outages: [pathOutage],
    verdicts: [up, downAt(1_005), upAt(3_020)],
    connects: connects(6_000, [1_000, 3_010]),
    works: [work([1_100, pause], [3_030, resume], [3_031, attempt], [3_040, done])],
    ...change,
  });
}

const kinds = (seen: Observation) => judge(seen).findings.map(({ kind }) => kind);

describe('a scene in which everything is right', () => {
  it('has no findings, and tells how fast the outage was seen', () => {
    expect(judge(outage())).toEqual({ findings: [], detections: [{ evidence: 'path', after: 5 }] });
    expect(judge(observation())).toEqual({ findings: [], detections: [] });
  });
});

describe('a missed outage', () => {
  it('is one that was never seen', () => {
    expect(kinds(outage({ verdicts: [up], works: [] }))).toEqual(['missed-outage']);
  });

  it('is one that was seen after 1.2 s while nobody works', () => {
    expect(kinds(outage({ verdicts: [up, downAt(2_199), upAt(3_020)] }))).toEqual([]);
    expect(kinds(outage({ verdicts: [up, downAt(2_201), upAt(3_020)] }))).toEqual(['missed-outage']);
  });

  it('is one that was seen after 100 ms with work in flight', () => {
    const outages = [{ ...pathOutage, busy: true }];
    expect(kinds(outage({ outages, verdicts: [up, downAt(1_099), upAt(3_020)] }))).toEqual([]);
    expect(kinds(outage({ outages, verdicts: [up, downAt(1_101), upAt(3_020)] }))).toEqual(['missed-outage']);
  });

  it('is one behind the next hop that was seen later than the interval and two timeouts', () => {
    const outages = [{ ...pathOutage, evidence: 'reach', reasons: ['unreachable'] } as const];
    const verdicts = (at: number) => [up, downAt(at, 'unreachable'), upAt(3_020)];
    expect(kinds(outage({ outages, verdicts: verdicts(2_499) }))).toEqual([]);
    expect(kinds(outage({ outages, verdicts: verdicts(2_501) }))).toEqual(['missed-outage']);
  });

  it('is held to a bound of its own where the outage has one', () => {
    const outages = [{ ...pathOutage, within: 300 }];
    expect(kinds(outage({ outages, verdicts: [up, downAt(1_301), upAt(3_020)] }))).toEqual(['missed-outage']);
  });

  it('is none where the process did not get the processor meanwhile', () => {
    const outages = [{ ...pathOutage, busy: true }];
    const verdicts = [up, downAt(2_500), upAt(3_020)];
    expect(kinds(outage({ outages, verdicts, stalls: [{ from: 900, until: 2_450 }] }))).toEqual([]);
    expect(kinds(outage({ outages, verdicts, stalls: [{ from: 900, until: 2_350 }] }))).toEqual(['missed-outage']);
  });

  it('is none where the state was down already, or where the outage was too short to be promised', () => {
    const second = { ...pathOutage, from: 2_000 };
    expect(kinds(outage({ outages: [pathOutage, second] }))).toEqual([]);
    const blip = { ...pathOutage, mendedFrom: 1_010, until: 1_020, mustBeSeen: false };
    expect(kinds(observation({ outages: [blip] }))).toEqual([]);
  });

  it('is a failure that was charged, or an error that came out', () => {
    const failure = { kind: 'failure', code: 'ENETUNREACH', spent: true } as const;
    const unspent = { ...failure, spent: false };
    const failed = { kind: 'failed', code: 'ENETUNREACH' } as const;
    expect(kinds(outage({ works: [work([1_001, attempt], [1_002, unspent], [1_003, pause], [3_040, done])] }))).toEqual(
      [],
    );
    expect(kinds(outage({ works: [work([1_001, attempt], [1_002, failure], [3_040, done])] }))).toEqual([
      'missed-outage',
    ]);
    expect(kinds(outage({ works: [work([1_001, attempt], [1_002, failed])] }))).toEqual(['missed-outage']);
  });

  it('is work that still hangs on its dead connection in the end', () => {
    expect(kinds(outage({ works: [work([900, attempt])] }))).toEqual(['missed-outage']);
  });

  it('is not what a failing server charges', () => {
    const failure = { kind: 'failure', code: 'ECONNREFUSED', spent: true } as const;
    const spending = { ...work([1_001, attempt], [1_002, failure], [3_040, done]), fate: 'spending' } as const;
    expect(kinds(outage({ works: [spending] }))).toEqual([]);
  });
});

describe('a false pause', () => {
  it('is a pause that goes on for longer than a round while fresh connections get through', () => {
    const verdicts = [up, downAt(1_005), upAt(3_900)];
    expect(kinds(outage({ verdicts, works: [work([1_100, pause], [3_950, resume], [3_960, done])] }))).toEqual([]);
    expect(kinds(outage({ verdicts, works: [work([1_100, pause], [4_100, resume], [4_110, done])] }))).toEqual([
      'false-pause',
    ]);
  });

  it('is a state that stays down while fresh connections get through', () => {
    expect(kinds(outage({ verdicts: [up, downAt(1_005), upAt(4_100)] }))).toEqual(['false-pause']);
  });

  it('is a pause for no reason at all', () => {
    expect(kinds(observation({ works: [work([100, pause], [1_300, resume], [1_310, done])] }))).toEqual([
      'false-pause',
    ]);
  });

  it('is any word of an outage where nothing is wrong, however short', () => {
    expect(kinds(observation({ verdicts: [up, downAt(500), upAt(501)] }))).toEqual(['false-pause']);
  });

  it('is a state beyond every outage, also where the witness cannot speak for the subject', () => {
    const verdicts = [up, downAt(1_005), upAt(4_100)];
    expect(kinds(outage({ witnessed: false, verdicts, works: [] }))).toEqual(['false-pause']);
    expect(kinds(outage({ witnessed: false, works: [] }))).toEqual([]);
  });

  it('is none while the process could not see that the way is free', () => {
    const verdicts = [up, downAt(1_005), upAt(4_500)];
    const works = [work([1_100, pause], [4_510, resume], [4_520, done])];
    expect(kinds(outage({ verdicts, works, stalls: [{ from: 2_900, until: 4_450 }] }))).toEqual([]);
  });
});

describe('a stuck pause', () => {
  it('is one that goes on for longer than a trial and two timeouts after the way is free', () => {
    const verdicts = [up, downAt(1_005), upAt(3_020)];
    const held = work([1_100, pause], [8_200, resume], [8_210, done]);
    const seen = outage({ verdicts, works: [held], endedAt: 9_000, connects: connects(9_000, [1_000, 3_010]) });
    expect(kinds(seen)).toEqual(['false-pause', 'stuck-pause']);
  });

  it('is one that never ends', () => {
    expect(kinds(outage({ works: [work([1_100, pause])] }))).toContain('stuck-pause');
  });
});

describe('a wrong reason', () => {
  it('is one that is not the truth during the outage, even if the true one follows', () => {
    expect(kinds(outage({ verdicts: [up, downAt(1_005, 'no-route'), downAt(1_009), upAt(3_020)] }))).toEqual([
      'wrong-reason',
    ]);
  });

  it('is none while the outage is half mended', () => {
    expect(kinds(outage({ verdicts: [up, downAt(1_005), downAt(3_005, 'no-route'), upAt(3_020)] }))).toEqual([]);
  });

  it('is one that is not calm before anything has happened', () => {
    const degraded = { at: 0, state: 'degraded', reason: 'unverified' } as const;
    expect(kinds(outage({ verdicts: [degraded, downAt(1_005), upAt(3_020)] }))).toEqual(['wrong-reason']);
    expect(kinds(observation({ witnessed: false, verdicts: [downAt(0), upAt(100)] }))).toEqual(['false-pause']);
  });

  it('is a state that is not calm where nothing is wrong, and one that is not what it should be in the end', () => {
    const degraded = { at: 700, state: 'degraded', reason: 'unverified' } as const;
    expect(kinds(observation({ verdicts: [up, degraded, upAt(800)] }))).toEqual(['wrong-reason']);
    expect(kinds(outage({ verdicts: [up, downAt(1_005), { ...degraded, at: 3_020 }] }))).toEqual(['wrong-reason']);
  });
});

describe('a broken scenario', () => {
  it('is one whose fault lets fresh connections through', () => {
    expect(kinds(outage({ connects: connects(6_000, [1_000, 2_000]) }))).toContain('broken');
  });

  it('is one in which fresh connections fail although nothing is said to be wrong', () => {
    const dead = connects(6_000, [2_000, 2_100]);
    expect(kinds(observation({ connects: dead }))).toEqual(['broken']);
    expect(kinds(observation({ connects: dead, blinks: 2 }))).toEqual([]);
  });

  it('is one in which the kernel does not agree with what is claimed', () => {
    const at = 1_500;
    expect(kinds(outage({ lookups: [{ at, answer: 'refused' }] }))).toEqual([]);
    expect(kinds(outage({ lookups: [{ at, answer: 'dead' }] }))).toEqual([]);
    expect(kinds(outage({ lookups: [{ at, answer: 'route' }] }))).toEqual(['broken']);
    expect(kinds(observation({ lookups: [{ at, answer: 'refused' }] }))).toEqual(['broken']);
  });

  it('is one in which nothing was said, or work never began', () => {
    expect(kinds(observation({ verdicts: [] }))).toEqual(['broken']);
    expect(kinds(observation({ works: [work()] }))).toEqual(['broken']);
  });
});
