import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../../../src/errors/index.js';
import { nextTurn, rosterAt, slotsToCover, timetable, turnOf } from '../../../../src/ring/plan/index.js';
import { opponentOf, roundsOf } from '../../../../src/ring/plan/round-robin.js';
import { anyId, anyMembers, disordered, named } from './fixtures.js';

const OPTIONS = { slot: 1_000, clockTolerance: 100 };
const anyAt = fc.integer({ min: -1e9, max: 4e12 });

describe('the circle method', () => {
  it.each([...Array.from({ length: 24 }, (_, players) => players), 99, 100, 1_000])(
    'lets each of %i players meet each other in exactly one round, and one at a time',
    (players) => {
      const met = new Set<number>();
      let faults = 0;
      for (let round = 0; round < roundsOf(players); round += 1) {
        let byes = 0;
        for (let seat = 0; seat < players; seat += 1) {
          const opponent = opponentOf(seat, players, round);
          if (opponent === undefined) {
            byes += 1;
            continue;
          }
          if (opponentOf(opponent, players, round) !== seat || opponent === seat) faults += 1;
          met.add(seat * players + opponent);
        }
        if (byes !== players % 2) faults += 1;
      }
      expect(faults).toBe(0);
      expect(met.size).toBe(players * Math.max(players - 1, 0));
    },
  );
});

describe('a timetable', () => {
  it('is known by its hashes: a timetable of today is that of tomorrow', () => {
    expect(timetable(named(5), 1_700_000_000_000)).toMatchInlineSnapshot(`
      [
        {
          "source": "site-2",
          "target": "site-0",
        },
        {
          "source": "site-3",
          "target": "site-4",
        },
      ]
    `);
    expect(turnOf('site-0', named(5), 1_700_000_000_000)).toMatchInlineSnapshot(`
      {
        "from": 1699999982000,
        "partner": "site-2",
        "role": "target",
        "slot": 56666666,
        "until": 1700000008000,
        "version": "442f40876fc57a0c3ae2fa1b1422d66b",
      }
    `);
  });

  it('has every member in one test at most, and one in none where their number is odd', () => {
    fc.assert(
      fc.property(anyMembers(0, 40), anyAt, (members, at) => {
        const pairs = timetable(members, at, OPTIONS);
        const busy = pairs.flatMap(({ source, target }) => [source, target]);
        expect(new Set(busy).size).toBe(busy.length);
        expect(busy.length).toBe(members.length < 2 ? 0 : members.length - (members.length % 2));
        expect(busy.every((id) => members.includes(id))).toBe(true);
      }),
    );
  });

  it('tests every ordered pair exactly once within the stated slots, from any slot on', () => {
    fc.assert(
      fc.property(anyMembers(0, 14), anyAt, (members, at) => {
        const slots = slotsToCover(members.length);
        const tested = Array.from({ length: slots }, (_, index) =>
          timetable(members, at + index * OPTIONS.slot, OPTIONS),
        )
          .flat()
          .map(({ source, target }) => `${members.indexOf(source)} to ${members.indexOf(target)}`);
        expect(tested.length).toBe(members.length * Math.max(members.length - 1, 0));
        expect(new Set(tested).size).toBe(tested.length);
      }),
      { numRuns: 50 },
    );
  });

  it('says within how many slots', () => {
    expect([0, 1, 2, 3, 4, 5, 1_000].map(slotsToCover)).toEqual([0, 0, 2, 6, 6, 10, 1_998]);
  });

  it('holds for a thousand members', () => {
    const pairs = timetable(named(1_000), 0, OPTIONS);
    expect(new Set(pairs.flatMap(({ source, target }) => [source, target])).size).toBe(1_000);
    expect(pairs).toHaveLength(500);
  });

  it('is the same from the same list, whatever its order and however often one stands in it', () => {
    const anyLists = anyMembers(0, 30).chain((members) => fc.tuple(disordered(members), disordered(members)));
    fc.assert(
      fc.property(anyLists, anyAt, ([one, other], at) => {
        expect(timetable(one, at, OPTIONS)).toEqual(timetable(other, at, OPTIONS));
        for (const self of one) expect(turnOf(self, one, at, OPTIONS)).toEqual(turnOf(self, other, at, OPTIONS));
      }),
    );
  });

  it('tells each member its turn in it, within the guards', () => {
    fc.assert(
      fc.property(anyMembers(0, 30), anyId, anyAt, (members, stranger, at) => {
        const pairs = timetable(members, at, OPTIONS);
        for (const self of [...members, stranger]) {
          const turn = turnOf(self, members, at, OPTIONS);
          const pair = pairs.find(({ source, target }) => source === self || target === self);
          expect(turn?.role).toBe(pair === undefined ? undefined : pair.source === self ? 'source' : 'target');
          expect(turn?.partner).toBe(pair?.source === self ? pair.target : pair?.source);
          if (turn === undefined) continue;
          const begin = Math.floor(at / 1_000) * 1_000;
          expect(turn).toMatchObject({ slot: begin / 1_000, from: begin + 100, until: begin + 900 });
        }
      }),
    );
  });

  it('has another version for another list, and for other options', () => {
    const version = (members: readonly string[], options = OPTIONS) => turnOf('a', members, 0, options)?.version;
    expect(version(['a', 'b'])).toBe(version(['b', 'a', 'b']));
    const others = [
      version(['a', 'b']),
      version(['a', 'c']),
      version(['a', 'b', 'c', 'd']),
      version(['a', 'b","c', 'd', 'e']),
      version(['a', '\ud800']),
      version(['a', '\ud801']),
      version(['a', 'b'], { ...OPTIONS, slot: 2_000 }),
      version(['a', 'b'], { ...OPTIONS, clockTolerance: 101 }),
    ];
    expect(others.every((each) => each !== undefined)).toBe(true);
    expect(new Set(others).size).toBe(others.length);
  });

  it('refuses wrong options', () => {
    expect(() => timetable(['a'], Number.NaN)).toThrow(InvalidOptionError);
    expect(() => turnOf('a', ['a'], 0, { slot: 1 })).toThrow('turnOf: slot must be a whole number');
    expect(() => turnOf('a', ['a'], 0, { slot: 1_000, clockTolerance: 500 })).toThrow('less than half of the slot');
    expect(() => nextTurn('a', JSON.parse('[7]'), 0)).toThrow('nextTurn: members must be an array of strings');
    expect(() => rosterAt(undefined, ['a'], Number.POSITIVE_INFINITY)).toThrow('rosterAt: at');
  });
});

describe('the next turn', () => {
  it('is the first one as source that has not begun', () => {
    fc.assert(
      fc.property(anyMembers(2, 12), anyAt, (members, at) => {
        const [self = ''] = members;
        const next = nextTurn(self, members, at, OPTIONS);
        const later = Array.from({ length: slotsToCover(members.length) + 1 }, (_, index) => at + index * OPTIONS.slot)
          .map((moment) => turnOf(self, members, moment, OPTIONS))
          .find((turn) => turn?.role === 'source' && turn.from >= at);
        expect(next).toBeDefined();
        expect(next).toEqual(later);
      }),
    );
  });

  it('is none for one alone, or one that does not stand in the list', () => {
    expect(nextTurn('a', ['a'], 0, OPTIONS)).toBeUndefined();
    expect(nextTurn('a', ['b', 'c'], 0, OPTIONS)).toBeUndefined();
    expect(turnOf('a', [], 0, OPTIONS)).toBeUndefined();
  });
});

describe('a roster', () => {
  it('stays through its slot, and is renewed with the next', () => {
    const first = rosterAt(undefined, ['a', 'b', 'a'], 1_000, OPTIONS);
    expect(first).toEqual({ slot: 1, members: ['a', 'b'] });
    expect(rosterAt(first, ['c'], 1_999, OPTIONS)).toBe(first);
    expect(rosterAt(first, ['c'], 2_000, OPTIONS)).toEqual({ slot: 2, members: ['c'] });
    expect(rosterAt(first, ['c'], 999, OPTIONS)).toEqual({ slot: 0, members: ['c'] });
  });

  it('does not change with the array that it was made of', () => {
    const members = ['a', 'b'];
    const roster = rosterAt(undefined, members, 0, OPTIONS);
    members.push('c');
    expect(roster.members).toEqual(['a', 'b']);
  });
});
