import { describe, expect, it } from 'vitest';
import type { PathResult } from '../../../../src/cli/probe/result-kinds.js';
import { deviationOf, isLimited, jitterOf, lossAt } from '../../../../src/cli/probe/trace/hop-model.js';
import { addTrace, emptyPath, type PathModel } from '../../../../src/cli/probe/trace/path-model.js';
import { shareRows } from '../../../../src/cli/probe/trace/share-rows.js';
import type { ProbeResult } from '../../../../src/probes/index.js';
import { factsOf, hopOf, lost, offline, resultOf, traced } from './trace-fixtures.js';

const [A, B, C, T] = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '198.51.100.9'] as const;

const pathOf = (...results: readonly ProbeResult[]): PathModel =>
  results.reduce(addTrace, emptyPath('www.example.com'));
const losses = ({ hops, length }: PathModel) => hops.slice(0, length).map((hop) => lossAt(hop));

describe('the path after some rounds', () => {
  it('has times, loss and history for each hop', () => {
    const at = (rtt: number) => resultOf(factsOf([hopOf(1, [{ address: T, rtts: [rtt] }])]));
    const { hops, rounds, reached } = pathOf(at(1), at(3), at(2), traced(T));
    const [hop] = hops;
    expect({ rounds, reached }).toEqual({ rounds: 4, reached: 4 });
    expect(hop).toMatchObject({ sent: 4, received: 4, history: [1, 3, 2, 1] });
    expect(hop?.times).toMatchObject({ last: 1, best: 1, worst: 3, mean: 1.75, count: 4 });
    // 1, 3, 2, 1: the variance of the sample is 11/12; neighbours differ by 2, 1 and 1.
    expect(hop?.times && deviationOf(hop.times)).toBeCloseTo(Math.sqrt(11 / 12), 10);
    expect(hop?.times && jitterOf(hop.times)).toBeCloseTo(4 / 3, 10);
  });

  it('counts what is behind the last that answered as lost, the target too', () => {
    const path = pathOf(traced(A, B, C, T), lost(A, B), traced(A, B, C, T));
    expect(losses(path)).toEqual([0, 0, 1 / 3, 1 / 3]);
    expect(path).toMatchObject({ rounds: 3, reached: 2, length: 4 });
    expect(path.hops[3]?.history).toEqual([4, 'bad', 4]);
  });

  it('counts nothing while this host is offline', () => {
    const path = pathOf(traced(A, T), offline(), offline(A), traced(A, T));
    expect(losses(path)).toEqual([0, 0]);
    expect(path).toMatchObject({ rounds: 2, reached: 2, unjudged: 2, changes: 0 });
    expect(path.hops[1]?.history).toEqual([2, 'doubtful', 'doubtful', 2]);
  });

  it('counts nothing where this host could not ask', () => {
    const { offline: _, ...notAllowed } = offline();
    const path = pathOf(traced(A, T), { ...notAllowed, reason: 'not-allowed' });
    expect(losses(path)).toEqual([0, 0]);
    expect(path).toMatchObject({ rounds: 1, unjudged: 1 });
  });

  it('counts nothing either where the target was reached in spite of that', () => {
    const path = pathOf(traced(A, T), { ...traced(null, T), offline: 'no-carrier' });
    expect(losses(path)).toEqual([0, 0]);
    expect(path.unjudged).toBe(1);
  });

  it('ends at the target when that comes nearer', () => {
    const path = pathOf(traced(A, B, C, T), traced(A, T));
    expect(path).toMatchObject({ length: 2, changes: 1, change: { distance: { before: 4, after: 2 } } });
  });

  it('notices who is in the place of somebody else, with the moment', () => {
    const path = pathOf(traced(A, B, T), { ...traced(A, C, T), startedAt: 1_000, duration: 500 });
    expect(path).toMatchObject({
      changes: 1,
      changedAt: 1_500,
      change: { hops: [{ ttl: 2, before: [B], after: [C] }] },
    });
    expect(path.hops.map(({ changedAt }) => changedAt)).toEqual([undefined, 1_500, undefined]);
    expect(path.hops[1]?.addresses.map(({ address }) => address)).toEqual([C, B]);
    expect(pathOf(traced(A, B, T), traced(A, C, T), traced(A, C, T)).change).toBeUndefined();
  });

  it('notices it also where the hop was silent in between, or this host offline', () => {
    expect(pathOf(traced(A, B, T), traced(A, null, T), traced(A, C, T)).changes).toBe(1);
    expect(pathOf(traced(A, B, T), offline(), traced(A, C, T)).changes).toBe(1);
    expect(pathOf(traced(A, B, T), traced(A, null, T), traced(A, B, T)).changes).toBe(0);
    expect(pathOf(traced(A, B, T), lost(A), traced(A, C, T)).changes).toBe(1);
  });

  it('takes another path of other flows for none', () => {
    const other = traced(A, C, T);
    const flows = other.facts.flows.map((flow) => ({ ...flow, id: 40_000 }));
    expect(pathOf(traced(A, B, T), { ...other, facts: { ...other.facts, flows } }).changes).toBe(0);
  });

  it('keeps no more of the past than it shows, whatever comes', () => {
    const results = Array.from({ length: 300 }, (_, index) => traced(`192.0.2.${index % 250}`, T));
    const [hop] = pathOf(...results).hops;
    expect(hop?.history).toHaveLength(200);
    expect(hop?.addresses).toHaveLength(16);
  });

  it('leaves what is no trace alone', () => {
    const path = pathOf(traced(A, T));
    expect(addTrace(path, { ...traced(A, T), probe: 'tcp' })).toBe(path);
  });
});

describe('a hop that limits its errors', () => {
  const rounds = (count: number, ...path: readonly (string | null)[]): readonly PathResult[] =>
    Array.from({ length: count }, () => traced(...path));
  const limited = ({ hops }: PathModel) => hops.map((hop, index) => isLimited(hop, hops.slice(index + 1)));

  it('loses clearly more than those behind it', () => {
    expect(limited(pathOf(...rounds(10, A, B, T), ...rounds(5, A, null, T)))).toEqual([false, true, false]);
  });

  it('is none where the loss goes on', () => {
    expect(limited(pathOf(...rounds(10, A, B, T), lost(A), lost(A), lost(A)))).toEqual([false, false, false]);
  });

  it('is none where it answers nothing at all', () => {
    expect(limited(pathOf(...rounds(10, A, null, T)))).toEqual([false, false, false]);
  });

  it('is none where chance explains it: four lost of twelve, and two behind it; of ten times as many it is one', () => {
    const lossy = Array.from({ length: 120 }, (_, round) =>
      traced(round % 3 === 0 ? null : A, round % 6 === 1 ? null : T),
    );
    expect(limited(pathOf(...lossy.slice(0, 12)))).toEqual([false, false]);
    expect(limited(pathOf(...lossy))).toEqual([true, false]);
  });
});

describe('the rows of a screen', () => {
  it.each([
    [[5, 5], 20, [5, 5]],
    [[20, 5], 20, [15, 5]],
    [[20, 20], 20, [10, 10]],
    [[20, 20, 20], 20, [7, 7, 6]],
    [[3], 0, [0]],
    [[], 5, []],
    [[4, 4, 4], 2, [1, 1, 0]],
  ])('for %j in %d are %j', (needs, rows, heights) => {
    expect(shareRows(needs, rows)).toEqual(heights);
  });
});
