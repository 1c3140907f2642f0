import { expect, it } from 'vitest';
import { describeInLab } from '../../lab/describe-in-lab.js';
import { type Actor, type ClientRouterServer, clientRouterServer, createLab, type Lab } from '../../lab/index.js';
import type { PingActor } from './actors/ping-actor.js';

describeInLab('probePing with a monitor', [], () => {
  it.concurrent('is inconclusive where the uplink is pulled in the middle, although some replies came before', async () => {
    await inNetwork(async (lab, network, pinger) => {
      await pinger.call('begin', network.addresses.server.ipv4, { count: 30, interval: 50, timeout: 300 });
      // The first replies are there, the last requests are not yet sent.
      expect((await pinger.call('probe', network.addresses.server.ipv4, { count: 1 })).status).toBe('ok');
      await lab.pullCable('client');
      await pinger.call('untilDown');
      const { detail: result } = await pinger.event('settled');
      expect(result).toMatchObject({ status: 'inconclusive', failureSource: 'local', reason: 'offline' });
      expect(result.offline).toBeDefined();
      expect(result.facts.received).toBeGreaterThan(0);
      expect(result.facts.received).toBeLessThan(30);
    });
  });

  it.concurrent('has failed where only the target is not there', async () => {
    await inNetwork(async (_lab, _network, pinger) => {
      await pinger.call('begin', '192.0.2.200', { count: 2, interval: 10, timeout: 200 });
      const { detail: result } = await pinger.event('settled');
      expect(result).toMatchObject({ status: 'failed', failureSource: 'path' });
    });
  });
});

/** In a lab of its own, with a monitor on the client that says that it is up. */
async function inNetwork(
  test: (lab: Lab, network: ClientRouterServer, pinger: Actor<PingActor>) => Promise<void>,
): Promise<void> {
  const lab = await createLab();
  try {
    const network = await clientRouterServer(lab);
    const pinger = await network.client.spawn<PingActor>(new URL('./actors/ping-actor.ts', import.meta.url));
    expect(await pinger.call('watch', { checkHosts: [network.addresses.server.ipv4] })).toBe('up');
    await test(lab, network, pinger);
    await pinger.call('stop');
  } finally {
    await lab.dispose();
  }
}
