import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mayTest, slotsToCover, turnOf } from '../../../../src/ring/plan/index.js';
import { anyMembers, named, randomOf } from './fixtures.js';
import { type Guards, overlapping, type SimulatedMember, simulate, type World } from './simulated-ring.js';

const OPTIONS = { slot: 1_000, clockTolerance: 100 };
const HOUR = 3_600_000;
const EPOCH = 1_700_000_000_000;

/** One that asks, in time and by the right list. */
function askedBy(source: string, target: string, members: readonly string[]) {
  for (let slot = 0; slot < slotsToCover(members.length); slot += 1) {
    const turn = turnOf(source, members, EPOCH + slot * OPTIONS.slot, OPTIONS);
    if (turn?.role === 'source' && turn.partner === target) return turn;
  }
  throw new Error(`${source} never tests ${target}`);
}

describe('a target', () => {
  const members = ['a', 'b', 'c', 'd'];
  const turn = askedBy('a', 'b', members);
  const claim = { source: 'a', version: turn.version, at: turn.from };
  const judge = (change: Partial<typeof claim> = {}, at = turn.from, self = 'b', own: readonly string[] = members) =>
    mayTest(self, { ...claim, ...change }, own, at, OPTIONS);

  it('lets its source of the slot test until the slot ends', () => {
    expect(judge()).toEqual({ isAllowed: true, until: turn.until + OPTIONS.clockTolerance });
  });

  it('refuses one whose clock is off by more than is tolerated', () => {
    expect(judge({ at: turn.from + HOUR })).toEqual({ isAllowed: false, reason: 'clock' });
    expect(judge({ at: turn.from - HOUR })).toEqual({ isAllowed: false, reason: 'clock' });
    expect(judge({ at: turn.from + 101 })).toEqual({ isAllowed: false, reason: 'clock' });
    expect(judge({ at: turn.from + 100 })).toMatchObject({ isAllowed: true });
    expect(judge({ at: Number.NaN })).toEqual({ isAllowed: false, reason: 'clock' });
    expect(judge({ at: Number.POSITIVE_INFINITY })).toEqual({ isAllowed: false, reason: 'clock' });
  });

  it('refuses one that asks in the guard', () => {
    expect(judge({ at: turn.from - 1 })).toEqual({ isAllowed: false, reason: 'guard' });
    expect(judge({ at: turn.until }, turn.until)).toEqual({ isAllowed: false, reason: 'guard' });
    expect(judge({ at: turn.until - 1 }, turn.until)).toMatchObject({ isAllowed: true });
    // By the target's clock it is the next slot already.
    expect(judge({ at: turn.until }, turn.until + 100)).toEqual({ isAllowed: false, reason: 'guard' });
  });

  it('refuses one with another list', () => {
    expect(judge({ version: 'another' })).toEqual({ isAllowed: false, reason: 'version' });
    expect(judge({}, turn.from, 'b', ['a', 'b'])).toEqual({ isAllowed: false, reason: 'version' });
    expect(judge({}, turn.from, 'b', [])).toEqual({ isAllowed: false, reason: 'version' });
  });

  it('refuses whoever is not its source of the slot', () => {
    for (const source of ['b', 'c', 'd', 'e', '__proto__', '']) {
      expect(judge({ source })).toEqual({ isAllowed: false, reason: 'pair' });
    }
    expect(judge({ source: 'b' }, turn.from, 'a')).toEqual({ isAllowed: false, reason: 'pair' });
    expect(judge({}, turn.from, 'stranger')).toEqual({ isAllowed: false, reason: 'pair' });
  });

  it('allows, of all members at any moment of their own, exactly the one of the timetable', () => {
    fc.assert(
      fc.property(anyMembers(2, 9), fc.nat({ max: 1e9 }), (ids, offset) => {
        const at = EPOCH + offset;
        for (const self of ids) {
          const own = turnOf(self, ids, at, OPTIONS);
          const version =
            own?.version ??
            turnOf(ids.find((id) => turnOf(id, ids, at, OPTIONS)) ?? '', ids, at, OPTIONS)?.version ??
            '';
          const allowed = ids.filter((source) => mayTest(self, { source, version, at }, ids, at, OPTIONS).isAllowed);
          const isOpen = own !== undefined && at >= own.from && at < own.until;
          expect(allowed).toEqual(isOpen && own.role === 'target' ? [own.partner] : []);
        }
      }),
    );
  });
});

describe('members whose lists and clocks agree', () => {
  it('test every ordered pair, each for as long as it asked, with clocks off by as much as is tolerated', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 6 }), fc.nat(), (count, seed) => {
        const random = randomOf(seed);
        const members = named(count);
        // What a claim travels counts as a difference too.
        const world = worldOf(
          members.map((id) => {
            const offset = random() * 60;
            return { id, clock: (time) => EPOCH + time + offset, members: () => members };
          }),
          { lease: 'one', roster: 'kept' },
          random,
          slotsToCover(count) + 1,
          1,
        );
        const { tests, stints, refused } = simulate(world);
        expect(overlapping(stints)).toEqual([]);
        expect(refused).toEqual([]);
        expect(tests.filter(({ isWhole }) => !isWhole)).toEqual([]);
        const pairs = new Set(tests.map(({ source, target }) => `${source} to ${target}`));
        expect(pairs.size).toBe(count * (count - 1));
      }),
      { numRuns: 30 },
    );
  });
});

describe('members whose lists and clocks disagree', () => {
  it('are never in two tests at once, with clocks off by anything up to hours and lists that change at any moment', () => {
    let tests = 0;
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const outcome = simulate(disagreeing(seed, { lease: 'none', roster: 'kept' }, 'steady'));
        tests += outcome.tests.length;
        expect(overlapping(outcome.stints)).toEqual([]);
      }),
      { numRuns: 100 },
    );
    expect(tests).toBeGreaterThan(20);
  });

  it('are never in two tests at once when clocks are set meanwhile, by the lease', () => {
    let tests = 0;
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const outcome = simulate(disagreeing(seed, { lease: 'one', roster: 'kept' }, 'set'));
        tests += outcome.tests.length;
        expect(overlapping(outcome.stints)).toEqual([]);
      }),
      { numRuns: 100 },
    );
    expect(tests).toBeGreaterThan(20);
  });

  it.each([
    ['the lease when clocks are set', { lease: 'none', roster: 'kept' }, 'set'],
    ['the roster when lists change', { lease: 'none', roster: 'renewed at once' }, 'steady'],
  ] as const)('would be in two at once without %s', (_, guards, clocks) => {
    const seeds = Array.from({ length: 300 }, (__, seed) => seed);
    expect(seeds.some((seed) => overlapping(simulate(disagreeing(seed, guards, clocks)).stints).length > 0)).toBe(true);
  });

  it('refuse each other when clocks are off by an hour', () => {
    const random = randomOf(1);
    const members = named(4);
    const sites = members.map((id, index) => ({
      id,
      clock: (time: number) => EPOCH + time + index * HOUR,
      members: () => members,
    }));
    const { tests, refused } = simulate(worldOf(sites, { lease: 'none', roster: 'kept' }, random, 12));
    expect(tests).toEqual([]);
    expect(new Set(refused)).toEqual(new Set(['clock']));
  });
});

function worldOf(
  members: readonly SimulatedMember[],
  guards: Guards,
  random: () => number,
  slots: number,
  eagerness = 0.2,
): World {
  return { members, options: OPTIONS, guards, duration: slots * OPTIONS.slot, latency: 40, eagerness, random };
}

const SLOTS = 8;

/** Few different lists and offsets, so that members still agree often enough to test each other. */
function disagreeing(seed: number, guards: Guards, clocks: 'steady' | 'set'): World {
  const random = randomOf(seed);
  const pick = (count: number) => Math.floor(random() * count);
  const ids = named(2 + pick(5));
  const duration = SLOTS * OPTIONS.slot;
  const lists = Array.from({ length: 2 }, () => ids.filter(() => random() < 0.8));
  const anyOffset = () => [0, random() * 100, random() * 1_000, pick(4) * OPTIONS.slot, HOUR][pick(5)] ?? 0;
  const members = ids.map((id): SimulatedMember => {
    const changes = Array.from({ length: 1 + pick(4) }, () => ({
      at: random() * duration,
      list: lists[pick(2)] ?? ids,
    }));
    const begin = { at: -1, list: lists[pick(2)] ?? ids };
    const steps =
      clocks === 'steady' ? [] : Array.from({ length: 3 }, () => ({ at: random() * duration, offset: anyOffset() }));
    const first = { at: -1, offset: anyOffset() };
    return {
      id,
      clock: (time) => EPOCH + time + last([first, ...steps], time).offset,
      members: (time) => last([begin, ...changes], time).list,
    };
  });
  return worldOf(members, guards, random, SLOTS);
}

/** What happened last before a time. */
function last<Item extends { readonly at: number }>(items: readonly [Item, ...Item[]], time: number): Item {
  return items.filter(({ at }) => at <= time).reduce((latest, item) => (item.at > latest.at ? item : latest), items[0]);
}
