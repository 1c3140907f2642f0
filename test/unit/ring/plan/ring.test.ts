import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../../../src/errors/index.js';
import { positionOf, ring, roundsToCover } from '../../../../src/ring/plan/index.js';
import { anyId, anyMembers, disordered, named } from './fixtures.js';

const anySuccessors = fc.integer({ min: 1, max: 5 });
const anyRound = fc.oneof(
  fc.nat({ max: 3_000 }),
  fc.maxSafeNat().map((round) => Math.max(round - 3_000, 0)),
);

/** How often each ordered pair is tested in a row of rounds. */
function testsOf(members: readonly string[], successors: number, first: number, rounds: number): Map<string, number> {
  const tests = new Map<string, number>();
  for (const [from, self] of members.entries()) {
    for (let round = first; round < first + rounds; round += 1) {
      for (const target of ring(members, self, { successors, round })) {
        const pair = `${from} to ${members.indexOf(target)}`;
        tests.set(pair, (tests.get(pair) ?? 0) + 1);
      }
    }
  }
  return tests;
}

describe('a place on the ring', () => {
  it('is the same in every process and every version', () => {
    expect(positionOf('us1')).toBe('0ed3afa7df1cbb16');
    expect(positionOf('')).toBe('e3b0c44298fc1c14');
    expect(positionOf('__proto__')).toBe('30e2af384186b57f');
    expect(positionOf('Zürich')).toBe('4251685e06cab635');
  });
});

describe('a ring', () => {
  it('is known by its hashes: a ring of today is that of tomorrow', () => {
    const members = named(20);
    expect(ring(members, 'site-0', { round: 0 })).toMatchInlineSnapshot(`
      [
        "site-14",
        "site-5",
        "site-11",
      ]
    `);
    expect(ring(members, 'site-0', { round: 1 })).toMatchInlineSnapshot(`
      [
        "site-14",
        "site-5",
        "site-3",
        "site-10",
        "site-13",
      ]
    `);
    expect(ring(members, 'site-0', { successors: 3, round: 1 })).toMatchInlineSnapshot(`
      [
        "site-14",
        "site-5",
        "site-11",
        "site-3",
        "site-10",
        "site-13",
        "site-2",
      ]
    `);
  });

  it('is the same from the same list, whatever its order and however often one stands in it', () => {
    const anyLists = anyMembers(1, 40).chain((members) => fc.tuple(disordered(members), disordered(members)));
    fc.assert(
      fc.property(anyLists, anySuccessors, anyRound, ([one, other], successors, round) => {
        const [self = ''] = one;
        expect(ring(other, self, { successors, round })).toEqual(ring(one, self, { successors, round }));
      }),
    );
  });

  it('has the same targets for a member that its list has forgotten', () => {
    fc.assert(
      fc.property(anyMembers(0, 40), anyId, anyRound, (members, self, round) => {
        expect(ring(members, self, { round })).toEqual(ring([...members, self], self, { round }));
      }),
    );
  });

  it('begins with the k next ones, so that each member is tested by the k before it', () => {
    fc.assert(
      fc.property(anyMembers(1, 40), anySuccessors, anyRound, (members, successors, round) => {
        const inOrder = [...members].sort((a, b) =>
          Number(BigInt(`0x${positionOf(a)}`) - BigInt(`0x${positionOf(b)}`)),
        );
        fc.pre(new Set(members.map(positionOf)).size === members.length);
        for (const [at, self] of inOrder.entries()) {
          const next = [...inOrder.slice(at + 1), ...inOrder.slice(0, at)].slice(0, successors);
          const targets = ring(members, self, { successors, round });
          expect(targets.slice(0, successors)).toEqual(next);
          expect(targets).not.toContain(self);
          expect(new Set(targets).size).toBe(targets.length);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('tests every ordered pair within the stated rounds, from any round on: the next ones in each, the others once', () => {
    fc.assert(
      fc.property(anyMembers(0, 16), anySuccessors, anyRound, (members, successors, first) => {
        const rounds = roundsToCover(members.length, successors);
        const tests = testsOf(members, successors, first, rounds);
        const count = members.length;
        expect(tests.size).toBe(count * Math.max(count - 1, 0));
        const often = Math.min(successors, Math.max(count - 1, 0)) * count;
        const sum = [...tests.values()].reduce((total, each) => total + each, 0);
        expect(sum).toBe(often * rounds + tests.size - often);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    [2, 2, 1],
    [3, 2, 2],
    [10, 2, 6],
    [100, 2, 6],
    [1_000, 20, 50],
  ])(
    'tests all of %i members within the stated rounds, with k = %i, and at most %i in one',
    (count, successors, most) => {
      const members = named(count);
      const targets = Array.from({ length: roundsToCover(count, successors) }, (_, round) =>
        ring(members, 'site-1', { successors, round }),
      );
      expect(new Set(targets.flat()).size).toBe(count - 1);
      expect(Math.max(...targets.map(({ length }) => length))).toBeLessThanOrEqual(most);
    },
  );

  it('is nobody for one alone', () => {
    expect(ring([], 'a', { round: 0 })).toEqual([]);
    expect(ring(['a', 'a'], 'a', { round: 0 })).toEqual([]);
  });

  it('says in how many rounds all are covered', () => {
    expect([0, 1, 2, 3, 5].map((count) => roundsToCover(count))).toEqual([1, 1, 1, 1, 1]);
    expect([6, 7, 8, 10, 11, 12, 100, 1_000].map((count) => roundsToCover(count))).toEqual([2, 2, 4, 4, 4, 8, 64, 512]);
    expect(roundsToCover(1_000, 1)).toBe(1_024);
    expect(roundsToCover(1_000, 999)).toBe(1);
  });

  it('refuses wrong options', () => {
    expect(() => ring(['a'], 'b', { round: -1 })).toThrow(InvalidOptionError);
    expect(() => ring(['a'], 'b', { round: 0.5 })).toThrow('ring: round must be a whole number');
    expect(() => ring(['a'], 'b', JSON.parse('{}'))).toThrow('ring: round must be a whole number');
    expect(() => ring(['a'], 'b', { round: 0, successors: 0 })).toThrow(
      'ring: successors must be a whole number from 1',
    );
    expect(() => ring(JSON.parse('[{}]'), 'b', { round: 0 })).toThrow('ring: members must be an array of strings');
    expect(() => roundsToCover(-1)).toThrow('roundsToCover: members');
  });
});

describe('a ring that one joins or leaves', () => {
  const anyJoin = fc
    .tuple(anyMembers(2, 30), anySuccessors, anyRound)
    .map(([[newcomer = '', ...before], successors, round]) => ({ before, newcomer, successors, round }));

  it('gives nobody a target that is new, save who has joined', () => {
    fc.assert(
      fc.property(anyJoin, ({ before, newcomer, successors, round }) => {
        for (const self of before) {
          const old = ring(before, self, { successors, round });
          const now = ring([...before, newcomer], self, { successors, round });
          expect(now.filter((id) => id !== newcomer && !old.includes(id))).toEqual([]);
        }
      }),
    );
  });

  it('takes a target from at most k members, one from each, unless the rounds to cover change', () => {
    fc.assert(
      fc.property(anyJoin, ({ before, newcomer, successors, round }) => {
        const count = before.length;
        fc.pre(roundsToCover(count, successors) === roundsToCover(count + 1, successors));
        const lost = before.map((self) => {
          const now = new Set(ring([...before, newcomer], self, { successors, round }));
          return ring(before, self, { successors, round }).filter((id) => !now.has(id)).length;
        });
        expect(Math.max(...lost)).toBeLessThanOrEqual(1);
        expect(lost.filter((each) => each > 0).length).toBeLessThanOrEqual(successors);
      }),
    );
  });

  it('leaves the next ones of all but k members as they were, also when the rounds to cover change', () => {
    fc.assert(
      fc.property(anyJoin, ({ before, newcomer, successors, round }) => {
        const changed = before.filter((self) => {
          const old = ring(before, self, { successors, round }).slice(0, successors);
          const now = ring([...before, newcomer], self, { successors, round }).slice(0, successors);
          return now.join('\n') !== old.join('\n') && before.length > successors;
        });
        expect(changed.length).toBeLessThanOrEqual(successors);
      }),
    );
  });

  it('tests every pair that stays within the stated rounds, whoever comes and goes in each of them', () => {
    const anyChurn = fc.record({
      staying: anyMembers(2, 6),
      others: anyMembers(0, 30),
      seeds: fc.array(fc.nat(), { minLength: 32, maxLength: 32 }),
      first: fc.nat(),
      successors: anySuccessors,
    });
    fc.assert(
      fc.property(anyChurn, ({ staying, others, seeds, first, successors }) => {
        const rounds = roundsToCover(new Set([...staying, ...others]).size, successors);
        const tested = new Map(staying.map((self) => [self, new Set<string>()]));
        for (let round = 0; round < rounds; round += 1) {
          for (const [self, targets] of tested) {
            // Each has a list of its own, another in each round.
            const salt = seeds[(round + staying.indexOf(self)) % seeds.length] ?? 0;
            const there = others.filter((_, index) => ((salt >> (index % 30)) & 1) === 1);
            for (const id of ring([...staying, ...there], self, { successors, round: first + round })) targets.add(id);
          }
        }
        for (const [self, targets] of tested) {
          expect(staying.filter((id) => id !== self && !targets.has(id))).toEqual([]);
        }
      }),
    );
  });
});
