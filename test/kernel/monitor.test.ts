import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { describeInLab } from '../lab/describe-in-lab.js';
import { type Actor, type ClientRouterServer, clientRouterServer, createLab, type Lab } from '../lab/index.js';
import type { EchoServer } from './actors/echo-server.js';
import type { MonitorActor } from './actors/monitor-actor.js';

const PORT = 7000;
const CHECK_PORT = 7001;

describeInLab('work on a real network', [], () => {
  let lab: Lab;
  let net: ClientRouterServer;
  let server: Actor<EchoServer>;
  let client: Actor<MonitorActor>;
  /** How many attempts may be spent: none. An outage that costs one fails the work at once. */
  const options = { retries: 0 };

  beforeAll(async () => {
    lab = await createLab();
    net = await clientRouterServer(lab);
    server = await net.server.spawn<EchoServer>(new URL('./actors/echo-server.ts', import.meta.url));
    await server.call('listen', PORT);
    await server.call('listen', CHECK_PORT);
  });
  afterAll(() => lab?.dispose());

  beforeEach(async () => {
    client = await net.client.spawn<MonitorActor>(new URL('./actors/monitor-actor.ts', import.meta.url));
    const { source } = await client.call('start', {
      checkHosts: [net.addresses.server.ipv4],
      checkPorts: [CHECK_PORT],
      checkInterval: 500,
      checkTimeout: 500,
    });
    expect(source).toBe('netlink');
    await client.event('state', ({ to }) => to === 'up');
  });
  afterEach(() => client?.stop());

  const work = (name: string, more: object = {}) =>
    client.call('begin', { name, address: net.addresses.server.ipv4, port: PORT, message: name, options, ...more });
  const settled = async (name: string) => (await client.event('settled', (each) => each.work === name)).detail;
  const down = (reason: string) => client.event('state', (change) => change.to === 'down' && change.reason === reason);
  const up = () => client.event('state', ({ to }) => to === 'up');

  describe.each([
    {
      what: 'the link is set down',
      reason: 'link-down',
      lose: () => lab.linkDown('client'),
      restore: async () => {
        await lab.linkUp('client');
        await lab.reconfigure('client');
      },
    },
    {
      what: 'the cable is pulled',
      reason: 'no-carrier',
      lose: () => lab.pullCable('client'),
      restore: () => lab.plugIn('client'),
    },
    {
      what: 'the address is removed',
      reason: 'no-address',
      lose: () => lab.removeAddress('client'),
      restore: () => lab.restoreAddress('client'),
    },
    {
      what: 'the default route is removed',
      reason: 'no-route',
      lose: () => lab.removeDefaultRoute('client'),
      restore: () => lab.restoreDefaultRoute('client'),
    },
    {
      what: 'the router stops forwarding while all links stay up',
      reason: 'unreachable',
      lose: () => lab.stopForwarding('router'),
      restore: () => lab.startForwarding('router'),
    },
  ])('while $what', ({ reason, lose, restore }) => {
    it(`is down by ${reason}, and up again when that is over`, async () => {
      await lose();
      await down(reason);
      await restore();
      await up();
      expect(client.events('error')).toEqual([]);
    });

    it('work that begins is paused, spends nothing, and is done afterwards', async () => {
      await lose();
      await down(reason);
      await work('begun in an outage');
      await client.event('pause');
      await restore();
      expect(await settled('begun in an outage')).toMatchObject({
        ok: true,
        reply: 'echo begun in an outage',
        attempts: 1,
      });
    });

    it('an attempt that hangs on its dead connection is ended, and repeated without being spent', async () => {
      await work('later: hung', { options: { retries: 0, interruptAfter: 100 } });
      await server.event('line', ({ text }) => text === 'later: hung');
      await lose();
      await client.event('pause');
      await restore();
      await client.event('attempt', (each) => each.work === 'later: hung');
      await server.event('line', ({ text }) => text === 'later: hung');
      await server.call('answer');
      expect(await settled('later: hung')).toMatchObject({ ok: true, reply: 'echo later: hung', attempts: 2 });
    });
  });

  it('a failing server spends attempts, because the network is there', async () => {
    await work('nobody listens', { port: 7999, options: { retries: 2, minTimeout: 1 } });
    expect(await settled('nobody listens')).toMatchObject({ ok: false, code: 'ECONNREFUSED', attempts: 3, spent: 3 });
  });

  it('goes on in an instant when the address is put back at once', async () => {
    await work('later: blip');
    await server.event('line', ({ text }) => text === 'later: blip');
    await lab.removeAddress('client');
    await lab.restoreAddress('client');
    await server.call('answer');
    expect(await settled('later: blip')).toMatchObject({ ok: true, attempts: 1 });
  });

  it('can be aborted while it is paused', async () => {
    await lab.pullCable('client');
    await down('no-carrier');
    await work('aborted');
    await client.event('pause');
    await client.call('abort', 'aborted');
    expect(await settled('aborted')).toMatchObject({ ok: false, code: 'aborted by the test', attempts: 0 });
    await lab.plugIn('client');
    await up();
  });

  it('ends with an error when the monitor is stopped under it', async () => {
    await lab.pullCable('client');
    await down('no-carrier');
    await work('left alone');
    await client.event('pause');
    await client.call('stop');
    expect(await settled('left alone')).toMatchObject({ ok: false, code: 'ERR_NETPAUSE_STOPPED' });
    await lab.plugIn('client');
  });

  it('to a destination of the local network goes on while the uplink has no route', async () => {
    expect(await client.call('watch', net.addresses.router.ipv4)).toMatch(/^(up|degraded)/);
    expect(await client.call('watch', net.addresses.server.ipv4)).toBe('up (reachable)');
    await lab.removeDefaultRoute('client');
    await client.event('target', ({ to, destination }) => to === 'down' && destination === net.addresses.server.ipv4);
    expect(await client.call('targetState', net.addresses.router.ipv4)).toMatch(/^(up|degraded)/);
    await lab.restoreDefaultRoute('client');
    await client.event('target', ({ to, destination }) => to === 'up' && destination === net.addresses.server.ipv4);
  });

  it('to one destination is judged by its own path, while the host as a whole is up', async () => {
    await net.client.configure(['route', 'add', 'unreachable', '203.0.113.0/24']);
    expect(await client.call('watch', '203.0.113.1')).toBe('degraded (unverified)');
    await net.client.configure(['route', 'del', 'unreachable', '203.0.113.0/24']);
    await client.event('target', ({ to }) => to === 'up');
    await net.client.configure(['route', 'add', 'unreachable', '203.0.113.0/24']);
    await client.event('target', ({ to, reason }) => to === 'down' && reason === 'no-route');
    expect((await client.call('snapshot')).state).toBe('up');
    await net.client.configure(['route', 'del', 'unreachable', '203.0.113.0/24']);
  });

  it('is judged as the sockets of the work would be routed: by the address that they are bound to', async () => {
    const { client: own, server: far } = net.addresses;
    expect(await client.call('watch', `${far.ipv4}:${PORT}`, { source: own.ipv4 })).toBe('up (reachable)');
    expect(await client.call('watch', `[${far.ipv6}]:${PORT}`, { source: '2001:0db8:1:0::2' })).toMatch(
      /^(up|degraded)/,
    );
    await net.client.configure(['rule', 'add', 'from', own.ipv4, 'unreachable', 'priority', '100']);
    await client.event('target', ({ to, reason }) => to === 'down' && reason === 'no-route');
    await net.client.configure(['rule', 'del', 'priority', '100']);
    await client.event('target', ({ to }) => to === 'up');
    expect(await client.call('watch', far.ipv4, { source: '203.0.113.77' })).toBe('down (no-address)');
  });

  it('is judged by the port, the mark and the interface of the work', async () => {
    const { ipv4 } = net.addresses.server;
    await net.client.configure(
      ['rule', 'add', 'ipproto', 'tcp', 'dport', '7777', 'unreachable', 'priority', '101'],
      ['rule', 'add', 'fwmark', '7', 'unreachable', 'priority', '102'],
      ['link', 'add', 'name', 'aside0', 'type', 'veth', 'peer', 'name', 'aside1'],
      ['address', 'add', '203.0.113.1/24', 'dev', 'aside0'],
      ['link', 'set', 'dev', 'aside0', 'up'],
      ['link', 'set', 'dev', 'aside1', 'up'],
    );
    await client.call('check');
    // Where there never was a path nothing is lost: what is judged shows in not being up.
    expect(await client.call('watch', `${ipv4}:7777`)).toBe('degraded (unverified)');
    expect(await client.call('watch', `${ipv4}:7778`)).toBe('up (reachable)');
    expect(await client.call('watch', `${ipv4}:7778`, { mark: 7 })).toBe('degraded (unverified)');
    expect(await client.call('watch', `${ipv4}:7778`, { mark: 8 })).toBe('up (reachable)');
    expect(await client.call('watch', ipv4, { interface: 'eth0' })).toBe('up (reachable)');
    expect(await client.call('watch', ipv4, { interface: 'aside0' })).toBe('degraded (unverified)');
    await net.client.configure(
      ['rule', 'del', 'priority', '101'],
      ['rule', 'del', 'priority', '102'],
      ['link', 'del', 'dev', 'aside0'],
    );
  });

  it('knows the interfaces with their addresses and counters', async () => {
    const interfaces = await client.call('interfaces');
    const [shown] = await net.client.ip('-s', 'link', 'show', 'dev', 'eth0');
    const eth0 = interfaces.find(({ name }) => name === 'eth0');
    expect(eth0).toMatchObject({
      index: shown?.['ifindex'],
      mac: shown?.['address'],
      mtu: shown?.['mtu'],
      operState: 'up',
      carrier: true,
      flags: expect.arrayContaining(['UP', 'LOWER_UP', 'BROADCAST']),
    });
    expect(eth0?.addresses).toEqual(
      expect.arrayContaining([
        { family: 4, address: net.addresses.client.ipv4, prefixLength: 24, scope: 'global' },
        { family: 6, address: net.addresses.client.ipv6, prefixLength: 64, scope: 'global' },
      ]),
    );
    expect(eth0?.statistics?.txPackets).toBeGreaterThan(0);
  });

  it('does not change its state for interfaces beside the uplink', async () => {
    const before = client.events('state').length;
    for (let count = 0; count < 20; count += 1) {
      await net.client.configure(
        ['link', 'add', 'name', 'veth0', 'type', 'veth', 'peer', 'name', 'veth1'],
        ['link', 'set', 'dev', 'veth0', 'up'],
        ['link', 'set', 'dev', 'veth1', 'up'],
        ['link', 'set', 'dev', 'veth1', 'down'],
        ['link', 'del', 'dev', 'veth0'],
      );
    }
    expect((await client.call('check')).state).toBe('up');
    expect(client.events('state').length).toBe(before);
  });

  it('watches by polling where netlink is switched off, and still pauses', async () => {
    await client.call('stop');
    const { source, sourceReason } = await client.call('start', {
      checkHosts: [net.addresses.server.ipv4],
      checkPorts: [CHECK_PORT],
      checkInterval: 500,
      checkTimeout: 500,
      enableNetlink: false,
      pollInterval: 50,
    });
    expect([source, sourceReason]).toEqual(['proc', 'netlink is switched off by the option enableNetlink']);
    await up();
    await lab.linkDown('client');
    await client.event('state', ({ to }) => to === 'down');
    await work('by polling');
    await client.event('pause');
    await lab.linkUp('client');
    await lab.reconfigure('client');
    expect(await settled('by polling')).toMatchObject({ ok: true, attempts: 1 });
  });
});

describeInLab('the carrier of a TAP device', ['tap'], () => {
  it('is seen to go and come, and work waits for it', async () => {
    await using lab = await createLab();
    const net = await clientRouterServer(lab, { kind: 'tap' });
    const server = await net.server.spawn<EchoServer>(new URL('./actors/echo-server.ts', import.meta.url));
    await server.call('listen', PORT);
    const client = await net.client.spawn<MonitorActor>(new URL('./actors/monitor-actor.ts', import.meta.url));
    await client.call('start', { checkHosts: [net.addresses.server.ipv4], checkPorts: [PORT], checkInterval: 500 });
    await client.event('state', ({ to }) => to === 'up');
    await lab.pullCable('client');
    await client.event('state', ({ to, reason }) => to === 'down' && reason === 'no-carrier');
    await client.call('begin', {
      name: 'tap',
      address: net.addresses.server.ipv4,
      port: PORT,
      message: 'tap',
      options: { retries: 0 },
    });
    await client.event('pause');
    await lab.plugIn('client');
    const { detail } = await client.event('settled');
    expect(detail).toMatchObject({ ok: true, attempts: 1 });
  });
});

describeInLab('the carrier of a TAP device while links flap in another namespace', ['tap'], () => {
  // The kernel tells of carriers once a second for the whole machine, and keeps quiet about what came and went in between.
  it('is seen to go every single time while work is in flight, though it is back in a moment', async () => {
    await using lab = await createLab();
    await using elsewhere = await createLab();
    const flapper = await elsewhere.host('flapper');
    await elsewhere.link(flapper, await elsewhere.host('other'), { kind: 'tap' });
    const net = await clientRouterServer(lab, { kind: 'tap' });
    const server = await net.server.spawn<EchoServer>(new URL('./actors/echo-server.ts', import.meta.url));
    await server.call('listen', PORT);
    const client = await net.client.spawn<MonitorActor>(new URL('./actors/monitor-actor.ts', import.meta.url));
    await client.call('start', { checkHosts: [net.addresses.server.ipv4], checkPorts: [PORT], checkInterval: 500 });
    await client.event('state', ({ to }) => to === 'up');
    await client.call('begin', {
      name: 'long',
      address: net.addresses.server.ipv4,
      port: PORT,
      message: 'later: long',
      options: { retries: 0, interruptAfter: 60_000 },
    });
    await server.event('line');

    const stop = new AbortController();
    const flapping = flap(elsewhere, stop.signal);
    for (let count = 0; count < 15; count += 1) {
      await lab.pullCable('client');
      await lab.plugIn('client');
      await client.event('state', ({ to, reason }) => to === 'down' && reason === 'no-carrier');
      await client.event('state', ({ to }) => to === 'up');
    }
    stop.abort();
    await flapping;
    await server.call('answer');
    expect((await client.event('settled')).detail).toMatchObject({ ok: true, attempts: 1 });
  });
});

async function flap(lab: Lab, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await lab.pullCable('flapper');
    await lab.plugIn('flapper');
  }
}

describeInLab('a host that has no network at all', [], () => {
  it('is degraded and pauses nothing: an air-gapped host with the default check hosts, and one with loopback alone', async () => {
    await using lab = await createLab();
    const lonely = await lab.host('lonely');
    const client = await lonely.spawn<MonitorActor>(new URL('./actors/monitor-actor.ts', import.meta.url));
    await client.call('start', {});
    const { detail } = await client.event('state');
    expect(detail).toMatchObject({ to: 'degraded', reason: 'unverified' });
    await client.stop();

    const neighbour = await lab.host('neighbour');
    await lab.link(lonely, neighbour, { addresses: ['192.0.2.2/24', '192.0.2.1/24'] });
    const gapped = await lonely.spawn<MonitorActor>(new URL('./actors/monitor-actor.ts', import.meta.url));
    await gapped.call('start', {});
    const gappedState = await gapped.event('state');
    expect(gappedState.detail).toMatchObject({ to: 'degraded', reason: 'unverified' });
    const server = await neighbour.spawn<EchoServer>(new URL('./actors/echo-server.ts', import.meta.url));
    await server.call('listen', PORT);
    await gapped.call('begin', {
      name: 'lan',
      address: '192.0.2.1',
      port: PORT,
      message: 'lan',
      options: { retries: 0 },
    });
    const { detail: result } = await gapped.event('settled');
    expect(result).toMatchObject({ ok: true, attempts: 1 });
  });
});

describeInLab('the reason of an outage', [], () => {
  it.each([
    ['link-down', ['link', 'set', 'dev', 'eth0', 'down']],
    ['no-address', ['address', 'flush', 'dev', 'eth0', 'scope', 'global']],
    ['no-route', ['route', 'del', 'default']],
  ])('is the right one (%s) although nobody has read yet what the kernel told', async (reason, command) => {
    await using lab = await createLab();
    const { addresses, client } = await clientRouterServer(lab);
    const actor = await client.spawn<MonitorActor>(new URL('./actors/monitor-actor.ts', import.meta.url));
    await actor.call('start', { checkHosts: [addresses.router.ipv4], checkPorts: [CHECK_PORT] });
    await actor.event('state', ({ to }) => to === 'up');
    const destination = addresses.server.ipv4;
    expect(await actor.call('targetStateRightAfter', { destination, command })).toBe(`down (${reason})`);
  });
});
