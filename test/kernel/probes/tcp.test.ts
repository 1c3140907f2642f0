import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeInLab } from '../../lab/describe-in-lab.js';
import { type Actor, type ClientRouterServer, clientRouterServer, createLab, type Lab } from '../../lab/index.js';
import type { MuteServer } from './actors/mute-server.js';
import type { ProbeActor } from './actors/probe-actor.js';

const CHECK_PORT = 7001;
const PORT = 7002;
/** Longer than anything that is waited for. */
const timeout = 30_000;

describeInLab('probeTcp in a network', [], () => {
  let lab: Lab;
  let net: ClientRouterServer;
  let server: Actor<MuteServer>;
  let client: Actor<ProbeActor>;
  let ipv4: string;
  let ipv6: string;

  beforeAll(async () => {
    lab = await createLab();
    net = await clientRouterServer(lab);
    ({ ipv4, ipv6 } = net.addresses.server);
    // A second way, past the router.
    await lab.link(net.client, net.server, { addresses: ['203.0.113.1/25', '203.0.113.2/25'] });
    server = await net.server.spawn<MuteServer>(new URL('./actors/mute-server.ts', import.meta.url));
    await server.call('listen', CHECK_PORT);
    await server.call('listen', PORT);
    client = await net.client.spawn<ProbeActor>(new URL('./actors/probe-actor.ts', import.meta.url));
  });
  afterAll(() => lab?.dispose());

  const probe = (target: string, options: object = {}, addresses: readonly string[] = []) =>
    client.call('tcp', target, { timeout, ...options }, addresses);

  it('takes IPv4 where IPv6 is silent, without waiting for that', async () => {
    const silent = ipv6.replace(/::2$/, '::99');
    const result = await probe(`www.example.com:${PORT}`, {}, [silent, ipv4]);
    expect(result).toMatchObject({ status: 'ok', address: ipv4 });
    expect(result.facts.attempts).toMatchObject([
      { address: silent, family: 6, outcome: 'cancelled' },
      { address: ipv4, family: 4, outcome: 'connected' },
    ]);
    const [first, second] = result.facts.attempts;
    // Timers of Node.js have whole milliseconds, and may be early by one.
    expect((second?.startedAt ?? 0) - (first?.startedAt ?? 0)).toBeGreaterThanOrEqual(249);
    expect(first).not.toHaveProperty('duration');
  });

  it('tells a host that nobody has from one that is silent', async () => {
    // The server's router looks for it in vain, and says so.
    const result = await probe(`198.51.100.99:${PORT}`);
    expect(result).toMatchObject({ status: 'failed', failureSource: 'path', reason: 'host-unreachable' });
  });

  it.each(['203.0.113.200', '2001:db8:9::1'])(
    'tells a router that knows no way to %s from having none itself',
    async (address) => {
      const target = address.includes(':') ? `[${address}]` : address;
      const result = await probe(`${target}:${PORT}`);
      expect(result).toMatchObject({ status: 'failed', failureSource: 'path', reason: 'net-unreachable' });
      expect(result.facts.attempts).toMatchObject([{ outcome: 'net-unreachable' }]);
      // The second way has a source address of its own, and so has the question for it.
      await lab.removeDefaultRoute('client');
      try {
        for (const options of [{}, address.includes(':') ? {} : { source: '203.0.113.1' }]) {
          expect(await probe(`${target}:${PORT}`, options)).toMatchObject({
            status: 'inconclusive',
            reason: 'no-route',
          });
        }
      } finally {
        await lab.restoreDefaultRoute('client');
      }
    },
  );

  it('leaves over the interface that it is told to, whatever the routes say', async () => {
    const other = PORT + 1;
    await server.call('listen', other);
    const over = async (options: object) => {
      // After a reset a server cannot tell any more who it was.
      const probing = probe(`${ipv4}:${other}`, { close: 'fin', ...options });
      const { detail } = await server.event('connection', ({ port }) => port === other);
      const { status, facts } = await probing;
      return { status, boundBy: facts.boundBy, from: detail.from };
    };
    expect(await over({})).toEqual({ status: 'ok', boundBy: undefined, from: '::ffff:192.0.2.2' });
    expect(await over({ interface: 'eth1' })).toEqual({ status: 'ok', boundBy: 'device', from: '::ffff:203.0.113.1' });
    expect(await over({ source: '203.0.113.1' })).toEqual({
      status: 'ok',
      boundBy: undefined,
      from: '::ffff:203.0.113.1',
    });
  });

  it('leaves no port pair behind', async () => {
    const waiting = async () =>
      (await net.client.exec('ss', ['-Htan', 'state', 'time-wait', `dport = :${PORT}`])).stdout;
    for (let count = 0; count < 20; count += 1) expect((await probe(`${ipv4}:${PORT}`)).status).toBe('ok');
    expect(await waiting()).toBe('');
    expect((await probe(`${ipv4}:${PORT}`, { close: 'fin' })).status).toBe('ok');
    await expect.poll(waiting).toContain(`${ipv4}:${PORT}`);
  });

  it('says nothing of a server while the uplink of this host is pulled in the middle of it', async () => {
    await client.call('start', { checkHosts: [ipv4], checkPorts: [CHECK_PORT], checkInterval: 500, checkTimeout: 500 });
    await client.event('state', (state) => state === 'up');
    const mute = PORT + 2;
    await server.call('listen', mute);
    const probing = probe(`${ipv4}:${mute}`, { send: 'hello', expect: 'hello', timeout: 2_000 });
    await server.event('bytes', ({ port }) => port === mute);
    await lab.pullCable('client');
    expect(await probing).toMatchObject({
      status: 'inconclusive',
      failureSource: 'local',
      reason: 'offline',
      offline: 'no-carrier',
    });
    await lab.plugIn('client');
    await client.event('state', (state) => state === 'up');
    expect(await probe(`${ipv4}:${mute}`, { send: 'hello', expect: 'hello', timeout: 500 })).toMatchObject({
      status: 'failed',
      failureSource: 'path',
      reason: 'timeout',
    });
    expect(await probe(`${ipv4}:1`)).toMatchObject({ status: 'failed', failureSource: 'target', reason: 'refused' });
  });
});
