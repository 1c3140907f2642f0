import { describe, expect, it } from 'vitest';
import { PROBE_PATH_CHANGES } from '../../../../src/probes/exporters/path-changes.js';
import type { ProbeResult } from '../../../../src/probes/result.js';
import { INCONCLUSIVE, makeResult, makeTrace, makeTraceFacts, type Path } from './results.js';

/** What is counted after each of the results. */
function countsOf(...results: readonly ProbeResult[]): readonly (number | undefined)[] {
  const tally = PROBE_PATH_CHANGES.begin({ target: 'x' });
  return results.map((result) => {
    tally.note(result);
    return [...tally.samples()][0]?.value;
  });
}

const traces = (...paths: readonly Path[]): readonly ProbeResult[] => paths.map((path) => makeTrace(path));
const unreached = (path: Path): ProbeResult => {
  const { distance: _, ...facts } = makeTraceFacts(path, { reached: false });
  return { ...makeTrace(path), status: 'failed', failureSource: 'path', reason: 'timeout', message: 'no', facts };
};

describe('path changes', () => {
  it('begin at 0, and are counted where others answer than before', () => {
    expect(countsOf(...traces(['a', 'b', 'z'], ['a', 'b', 'z'], ['a', 'c', 'z'], ['a', 'b', 'z']))).toEqual([
      0, 0, 1, 2,
    ]);
  });

  it('are counted where the target is farther away', () => {
    expect(countsOf(...traces(['a', 'z'], [null, 'b', 'z'], [null, null, 'z']))).toEqual([0, 1, 1]);
  });

  it('are none where the target was silent, and answered to what was sent with more hops to live', () => {
    const counts = countsOf(...traces(['a', 'z'], ['a', null, 'z'], ['a', 'z'], ['a', null, null, 'z'], ['a', 'z']));
    expect(counts).toEqual([0, 0, 0, 0, 0]);
    expect(countsOf(...traces(['a', null, 'z'], ['a', 'z'], ['a', null, 'z']))).toEqual([0, 0, 0]);
  });

  it('are none where a hop is silent for a while', () => {
    expect(countsOf(...traces(['a', 'b', 'z'], ['a', null, 'z'], [null, 'b', 'z']))).toEqual([0, 0, 0]);
  });

  it('are seen across a silence', () => {
    expect(countsOf(...traces(['a', 'b', 'z'], ['a', null, 'z'], ['a', 'c', 'z']))).toEqual([0, 0, 1]);
    expect(countsOf(makeTrace(['a', 'b', 'z']), unreached(['a']), makeTrace(['a', 'c', 'z']))).toEqual([0, 0, 1]);
    expect(countsOf(makeTrace(['a', 'b', 'z']), unreached(['a']), makeTrace(['a', null, 'c', 'z']))).toEqual([0, 0, 1]);
  });

  it('are not counted again by what the path before had where the new one was silent', () => {
    expect(countsOf(...traces(['a', 'b', 'c', 'z'], ['x', 'b', null, 'z'], ['x', 'b', 'd', 'z']))).toEqual([0, 1, 1]);
  });

  it('are looked for in each flow by itself', () => {
    const before = makeTrace([['a', 'b'], 'z']);
    const other = makeTraceFacts([['a', 'b'], 'z']);
    const swapped = other.hops.map((hop) =>
      hop.ttl === 1
        ? { ...hop, addresses: hop.addresses.map((each, flow) => ({ ...each, flows: [1 - flow] })) }
        : { ...hop },
    );
    expect(countsOf(before, { ...before, facts: { ...other, hops: swapped } })).toEqual([0, 1]);
    const quiet = other.hops.map((hop) => ({ ...hop, addresses: hop.addresses.slice(0, 1) }));
    expect(
      countsOf(
        before,
        { ...before, facts: { ...other, hops: quiet } },
        { ...before, facts: { ...other, hops: swapped } },
      ),
    ).toEqual([0, 0, 1]);
  });

  it('are seen from the last who answered, not from all who ever did', () => {
    const facts = makeTraceFacts(['b', 'z']);
    const both = facts.hops.map((hop) =>
      hop.ttl === 1 ? { ...hop, addresses: [...hop.addresses, { address: 'c', rtts: [1], flows: [0] }] } : hop,
    );
    expect(countsOf(makeTrace(['b', 'z'], { hops: both }), ...traces(['c', 'z'], ['b', 'z']))).toEqual([0, 0, 1]);
  });

  it('stay as they are while this host is offline, whatever is seen then', () => {
    const away = { ...makeTrace(['x', 'z']), ...INCONCLUSIVE };
    expect(countsOf(...traces(['a', 'z']), away, ...traces(['a', 'z'], ['b', 'z']), away)).toEqual([0, 0, 0, 1, 1]);
  });

  it.each([
    ['another address', { address: '192.0.2.10' }, {}],
    ['other flows', {}, { flows: [{ id: 31_435, path: [], pathId: 'f', reached: true }] }],
    ['another method', {}, { method: 'tcp' }],
  ] as const)('are none between a path and that of %s, and of each it is known', (_, result, facts) => {
    const other = (path: Path): ProbeResult => ({ ...makeTrace(path, facts), ...result });
    const [before, after] = [makeTrace(['a', 'z']), makeTrace(['c', 'z'])];
    expect(countsOf(before, other(['b', 'z']), before, other(['b', 'z']), after)).toEqual([0, 0, 0, 0, 1]);
  });

  it('are not told where each probe has a port of its own', () => {
    const flows = [{ id: 0, path: [], pathId: 'f', reached: true }];
    expect(countsOf(makeTrace(['a', 'z'], { flows }), makeTrace(['b', 'z'], { flows }))).toEqual([0, 0]);
  });

  it('keep the paths of eight addresses, and no more', () => {
    const to = (address: number, path: Path): ProbeResult => ({ ...makeTrace(path), address: `192.0.2.${address}` });
    const eight = Array.from({ length: 8 }, (_, index) => to(index, ['a', 'z']));
    expect(countsOf(...eight, to(0, ['b', 'z'])).at(-1)).toBe(1);
    expect(countsOf(...eight, to(8, ['a', 'z']), to(0, ['b', 'z'])).at(-1)).toBe(0);
  });

  it.each([
    {},
    { hops: 1, flows: [] },
    { hops: [{}], flows: [] },
    { hops: [{ ttl: 1, loss: 0, addresses: [{ address: 'a', rtts: ['1'], flows: [] }] }], flows: [] },
    { hops: [], flows: [{}] },
  ])('pass over what is no trace: %j', (facts) => {
    expect(PROBE_PATH_CHANGES.concerns(makeResult({ facts }))).toBe(false);
    expect(countsOf(makeResult({ facts }))).toEqual([0]);
  });
});
