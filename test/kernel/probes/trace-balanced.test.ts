import { afterAll, beforeAll, expect, it } from 'vitest';
import { comparePaths, type TraceResult } from '../../../src/probes/trace/index.js';
import { describeInLab } from '../../lab/describe-in-lab.js';
import { type Actor, createLab, type Lab } from '../../lab/index.js';
import { requireProgram } from '../../servers/require-program.js';
import type { TraceActor } from './actors/trace-actor.js';
import { type Diamond, diamondOf } from './paths/diamond.js';

const FAMILIES = ['ipv4', 'ipv6'] as const;
/** By chance, half of all pairs of hops are of different branches: so many say the same with a probability of one in a million. */
const TRIES = 20;

describeInLab('probeTrace where load is balanced', ['tap'], () => {
  let lab: Lab;
  let diamond: Diamond;
  let tracer: Actor<TraceActor>;

  beforeAll(async () => {
    lab = await createLab();
    diamond = await diamondOf(lab);
    tracer = await diamond.client.spawn<TraceActor>(new URL('./actors/trace-actor.ts', import.meta.url));
  });
  afterAll(() => lab?.dispose());

  /** Which branch a flow went by; −1 where its hops are of both. */
  const branchOf = (family: 'ipv4' | 'ipv6', path: readonly (string | null)[]): number =>
    diamond.branches[family].findIndex(([first, second]) => path[1] === first && path[2] === second);

  it('is needed: plain traceroute invents links', async (context) => {
    requireProgram(context, 'traceroute', 'traceroute');
    let invented = 0;
    for (let count = 0; count < TRIES; count += 1) {
      const { stdout } = await diamond.client.exec('traceroute', ['-n', '-q', '1', diamond.target.ipv4]);
      const path = stdout.split('\n').flatMap((line) => /^ *\d+ +([\d.]+) /.exec(line)?.[1] ?? []);
      if (path.length === 5 && branchOf('ipv4', path) === -1) invented += 1;
    }
    expect(invented).toBeGreaterThan(0);
  });

  it.each(FAMILIES.flatMap((family) => (['udp', 'tcp'] as const).map((method) => [method, family] as const)))(
    'keeps each flow to one branch, and finds both by different flows, by %s over %s',
    async (method, family) => {
      const results: TraceResult[] = [];
      for (let count = 0; count < TRIES; count += 1) {
        results.push(await tracer.call('probe', diamond.target[family], { method, sourcePort: 20_000 + count }));
      }
      for (const { facts } of results) {
        expect(facts).toMatchObject({ distance: 5, sent: 15, received: 15 });
        expect(facts.hops.map(({ addresses }) => addresses.length)).toEqual([1, 1, 1, 1, 1]);
      }
      const branches = results.map(({ facts }) => branchOf(family, facts.flows[0]?.path ?? []));
      expect(new Set(branches)).toEqual(new Set([0, 1]));
    },
  );

  it.each(FAMILIES)('finds the same path with the same flow, over %s', async (family) => {
    const ids = new Set<string>();
    for (let count = 0; count < TRIES; count += 1) {
      ids.add((await tracer.call('probe', diamond.target[family], { rounds: 1 })).facts.pathId);
    }
    expect(ids.size).toBe(1);
  });

  it.each(FAMILIES)('shows both branches by several flows of one trace, over %s', async (family) => {
    const { facts } = await tracer.call('probe', diamond.target[family], { flows: 16, rounds: 2, interval: 0 });
    expect(facts.flows.length).toBe(16);
    const branches = facts.flows.map(({ path }) => branchOf(family, path));
    expect(new Set(branches)).toEqual(new Set([0, 1]));
    for (const hop of [1, 2]) {
      const expected = diamond.branches[family].map((branch) => branch[hop - 1]);
      expect(facts.hops[hop]?.addresses.map(({ address }) => address).sort()).toEqual(expected.sort());
      for (const { address, flows } of facts.hops[hop]?.addresses ?? []) {
        for (const flow of flows) expect(facts.flows[flow]?.path[hop]).toBe(address);
      }
    }
    expect(facts).toMatchObject({ reached: true, distance: 5, sent: 160, received: 160 });
  });

  it('shows a change of the path between two traces', async () => {
    await diamond.useBranches(0);
    const before = await tracer.call('probe', diamond.target.ipv4);
    await diamond.useBranches(1);
    const after = await tracer.call('probe', diamond.target.ipv4);
    await diamond.useBranches('both');
    const [first, second] = diamond.branches.ipv4;
    expect(comparePaths(before.facts, after.facts)).toEqual({
      changed: true,
      hops: [2, 3].map((ttl) => ({ ttl, before: [first[ttl - 2]], after: [second[ttl - 2]] })),
      sameFlows: true,
    });
  });

  it('shows a change of the path in the middle of a trace', async () => {
    await diamond.useBranches(0);
    await tracer.call('begin', diamond.target.ipv4, { rounds: 30, interval: 50 });
    // By now the first round is over.
    await tracer.call('probe', diamond.target.ipv6, { rounds: 1 });
    await diamond.useBranches(1);
    const { detail: result } = await tracer.event('settled');
    await diamond.useBranches('both');
    expect(result).toMatchObject({ status: 'ok', facts: { distance: 5 } });
    for (const ttl of [2, 3]) {
      const expected = diamond.branches.ipv4.map((branch) => branch[ttl - 2]);
      expect(result.facts.hops[ttl - 1]?.addresses.map(({ address }) => address).sort()).toEqual(expected.sort());
    }
  });

  it('keeps a flow by ICMP together', async () => {
    for (let count = 0; count < 5; count += 1) {
      const { facts } = await tracer.call('probe', diamond.target.ipv4, { method: 'icmp', sourcePort: 20_000 + count });
      expect(branchOf('ipv4', facts.flows[0]?.path ?? [])).not.toBe(-1);
      expect(facts.hops.map(({ addresses }) => addresses.length)).toEqual([1, 1, 1, 1, 1]);
    }
  });
});
