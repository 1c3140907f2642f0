import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createProbeMetrics, type ProbeMetrics } from '../../../src/probes/exporters/index.js';
import type { TraceProbeOptions } from '../../../src/probes/trace/index.js';
import { describeInLab } from '../../lab/describe-in-lab.js';
import { type Actor, createLab, type Lab } from '../../lab/index.js';
import type { HostActor } from './actors/host-actor.js';
import type { TraceActor } from './actors/trace-actor.js';
import { type Diamond, diamondOf } from './paths/diamond.js';

const QUICK: TraceProbeOptions = { timeout: 200, rounds: 2, maxHops: 8 };

describeInLab('the metrics of real paths and hosts', [], () => {
  let lab: Lab;
  let diamond: Diamond;
  let tracer: Actor<TraceActor>;
  let host: Actor<HostActor>;
  let register: Registry;
  let metrics: ProbeMetrics;

  beforeAll(async () => {
    lab = await createLab();
    diamond = await diamondOf(lab);
    tracer = await diamond.client.spawn<TraceActor>(new URL('./actors/trace-actor.ts', import.meta.url));
    host = await diamond.client.spawn<HostActor>(new URL('./actors/host-actor.ts', import.meta.url));
  });
  afterAll(() => lab?.dispose());
  beforeEach(async () => {
    register = new Registry();
    metrics = await createProbeMetrics({ register });
  });

  const trace = async () => metrics.observe(await tracer.call('probe', diamond.target.ipv4, QUICK));
  /** The lines of a metric. */
  const linesOf = async (name: string) =>
    (await register.metrics()).split('\n').filter((line) => line.startsWith(`netpause_${name}{`));
  const hops = async () =>
    (await linesOf('probe_hop_rtt_seconds')).map((line) =>
      line.replace(/^.*hop="(\d+)",address="([^"]+)".*$/, '$1 $2'),
    );
  const changes = async () => Number((await linesOf('probe_path_changes_total'))[0]?.split(' ').at(-1));
  const branch = (which: 0 | 1) => diamond.branches.ipv4[which].map((address, index) => `${index + 2} ${address}`);

  it('show the hops of the way that packets take now, and count that it was another', async () => {
    await diamond.useBranches(0);
    await trace();
    expect(await hops()).toEqual(expect.arrayContaining(branch(0)));
    expect(await changes()).toBe(0);
    await diamond.useBranches(1);
    await trace();
    expect(await hops()).toEqual(expect.arrayContaining(branch(1)));
    expect(await hops()).not.toEqual(expect.arrayContaining(branch(0).slice(0, 1)));
    expect(await linesOf('probe_hop_rtt_seconds')).toHaveLength(5);
    expect(await changes()).toBe(1);
    await trace();
    expect(await changes()).toBe(1);
  });

  it('take a target that is silent for no other path, and see the other path when it is back', async () => {
    await diamond.useBranches(0);
    await trace();
    await lab.dropAll('server');
    await trace();
    expect(await linesOf('probe_hops')).toEqual([]);
    expect(await linesOf('probe_success')).toEqual([expect.stringMatching(/ 0$/)]);
    expect(await changes()).toBe(0);
    await diamond.useBranches(1);
    await lab.allow('server');
    await trace();
    expect(await linesOf('probe_hops')).toEqual([expect.stringMatching(/ 5$/)]);
    expect(await changes()).toBe(1);
    await diamond.useBranches('both');
  });

  it('count what an interface carries, as the kernel does', async () => {
    const shown = async () => {
      const result = await host.call('probe', { interval: 10, disks: [], interfaces: ['eth0'] });
      metrics.observe(result);
      const lines = await linesOf('host_interface_packets_total');
      const value = Number(
        lines
          .find((line) => line.includes('"transmit"'))
          ?.split(' ')
          .at(-1),
      );
      expect(value).toBe(result.facts.interfaces[0]?.counters.txPackets);
      return value;
    };
    const before = await shown();
    await host.call('send', diamond.target.ipv4, 20, 100);
    expect(await shown()).toBeGreaterThan(before);
    expect(await linesOf('host_filesystem_size_bytes')).toEqual([]);
  });
});
