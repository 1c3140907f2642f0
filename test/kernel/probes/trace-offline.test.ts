import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeInLab } from '../../lab/describe-in-lab.js';
import { type Actor, type ClientRouterServer, clientRouterServer, createLab, type Lab } from '../../lab/index.js';
import type { TraceActor } from './actors/trace-actor.js';

describeInLab('probeTrace with a monitor', [], () => {
  let lab: Lab;
  let network: ClientRouterServer;
  let tracer: Actor<TraceActor>;

  beforeEach(async () => {
    lab = await createLab();
    network = await clientRouterServer(lab);
    tracer = await network.client.spawn<TraceActor>(new URL('./actors/trace-actor.ts', import.meta.url));
    expect(await tracer.call('watch', { checkHosts: [network.addresses.server.ipv4] })).toBe('up');
  });
  afterEach(() => lab?.dispose());

  it.each(['udp', 'icmp', 'tcp'] as const)(
    'is inconclusive where the uplink is pulled in the middle, by %s',
    async (method) => {
      await network.router.configure(['route', 'add', 'blackhole', '203.0.113.0/24']);
      // Silent from the second hop on: so it is on its way until its time is over.
      await tracer.call('begin', '203.0.113.9', { method, maxHops: 4, timeout: 1_000 });
      // By now it has asked the first hop, and has been answered.
      expect((await tracer.call('probe', network.addresses.router.ipv4, { rounds: 1 })).status).toBe('ok');
      await lab.pullCable('client');
      await tracer.call('untilDown');
      const { detail: result } = await tracer.event('settled');
      expect(result).toMatchObject({ status: 'inconclusive', failureSource: 'local', reason: 'offline' });
      expect(result.offline).toBeDefined();
      expect(result.facts.reached).toBe(false);
      await tracer.call('stop');
    },
  );

  it('has failed where only the way is cut behind the router', async () => {
    await network.router.configure(['route', 'add', 'blackhole', '203.0.113.0/24']);
    await tracer.call('begin', '203.0.113.9', { maxHops: 4, timeout: 200, rounds: 2 });
    const { detail: result } = await tracer.event('settled');
    expect(result).toMatchObject({ status: 'failed', failureSource: 'path', reason: 'timeout' });
    await tracer.call('stop');
  });
});
