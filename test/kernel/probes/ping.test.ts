import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeInLab } from '../../lab/describe-in-lab.js';
import {
  type Actor,
  type ClientRouterServer,
  clientRouterServer,
  createLab,
  type Host,
  type Lab,
} from '../../lab/index.js';
import type { PingActor } from './actors/ping-actor.js';

const PING_ACTOR = new URL('./actors/ping-actor.ts', import.meta.url);
const QUICK = { count: 5, interval: 10, timeout: 300 };
const FAMILIES = ['ipv4', 'ipv6'] as const;

/** Each has a lab of its own, which its tests change one after the other. */
describe.concurrent('in the lab', () => {
  suiteBy('icmp-datagram');
  suiteBy('icmp-raw');
  permissionSuite();
});

function suiteBy(method: 'icmp-datagram' | 'icmp-raw'): void {
  describeInLab(`probePing by ${method}`, ['nft'], () => {
    let lab: Lab;
    let network: ClientRouterServer;
    let pinger: Actor<PingActor>;

    beforeAll(async () => {
      lab = await createLab();
      network = await clientRouterServer(lab);
      // A new namespace permits nobody: then it is a raw socket, since this is root.
      if (method === 'icmp-datagram') await permitAll(network.client);
      for (const host of [network.router, network.server]) await answerAll(host);
      pinger = await network.client.spawn<PingActor>(PING_ACTOR);
    });
    afterAll(() => lab?.dispose());

    it.sequential.each(FAMILIES)('measures what ping and fping measure, over %s', async (family) => {
      const address = network.addresses.server[family];
      const result = await pinger.call('probe', address, { count: 20, interval: 10 });
      expect(result).toMatchObject({
        status: 'ok',
        address,
        facts: { method, sent: 20, received: 20, loss: 0, duplicates: 0, reordered: 0, replyTtls: [63], errors: [] },
      });
      expect(result.samples.length).toBe(20);
      const ours = result.facts.rtt?.p50 ?? Number.NaN;
      for (const theirs of [await pingRtt(network.client, address), await fpingRtt(network.client, address)]) {
        expect(ours).toBeLessThan(5 * theirs + 1);
        expect(theirs).toBeLessThan(5 * ours + 1);
      }
    });

    it.sequential('loses what nftables drops at random, no more and no less', async () => {
      await nft(
        network.server,
        'add table ip t; add counter ip t dropped; add chain ip t c { type filter hook input priority 0; };',
      );
      await nft(
        network.server,
        'add rule ip t c icmp type echo-request numgen random mod 100 < 30 counter name dropped drop',
      );
      const { server } = network.addresses;
      const result = await pinger.call('probe', server.ipv4, { count: 100, interval: 1, timeout: 200 });
      const { sent, received } = result.facts;
      expect(sent - received).toBe(await dropped(network.server));
      expect(received).toBeGreaterThan(0);
      expect(sent - received).toBeGreaterThan(0);
      const strict = await pinger.call('probe', server.ipv4, { count: 50, interval: 1, timeout: 200, maxLoss: 0 });
      expect(strict).toMatchObject({ status: 'failed', failureSource: 'path', reason: 'loss' });
      await nft(network.server, 'delete table ip t');
    });

    it.sequential.each(FAMILIES)('finds the path MTU over %s, by what the router says and without', async (family) => {
      await setServerMtu(network, 1_400);
      const { [family]: address } = network.addresses.server;
      const search = { count: 1, discoverPathMtu: true, timeout: 30 };
      expect(await pinger.call('probe', address, search)).toMatchObject({
        status: 'ok',
        facts: { pathMtu: 1_400 },
      });
      const table = 'add table inet t; add chain inet t c { type filter hook output priority 0; };';
      await nft(
        network.router,
        `${table} add rule inet t c icmp type destination-unreachable drop; add rule inet t c icmpv6 type packet-too-big drop`,
      );
      expect(await pinger.call('probe', address, search)).toMatchObject({
        status: 'ok',
        facts: { pathMtu: 1_400 },
      });
      await nft(network.router, 'delete table inet t');
      await setServerMtu(network, 1_500);
    });

    it.sequential.each([
      ['ipv4', 3, 4],
      ['ipv6', 2, 0],
    ] as const)('over %s fails with what is too big and may not be fragmented', async (family, type, code) => {
      await setServerMtu(network, 1_400);
      const from = network.addresses.router[family];
      const options = { ...QUICK, payloadSize: 1_440, dontFragment: true };
      const result = await pinger.call('probe', network.addresses.server[family], options);
      expect(result).toMatchObject({ status: 'failed', failureSource: 'path', reason: 'too-big' });
      expect(result.facts.errors).toEqual([{ from, type, code, meaning: 'too-big', mtu: 1_400, count: 5 }]);
      const local = await pinger.call('probe', network.addresses.server[family], { ...options, payloadSize: 1_600 });
      expect(local).toMatchObject({ status: 'failed', failureSource: 'path', reason: 'too-big' });
      expect(local.facts.errors).toEqual([{ type, code, meaning: 'too-big', mtu: 1_500, count: 5 }]);
      await setServerMtu(network, 1_500);
    });

    it.sequential.each([
      ['ipv4', 11],
      ['ipv6', 3],
    ] as const)('over %s names the router at which the time to live ended', async (family, type) => {
      const result = await pinger.call('probe', network.addresses.server[family], { ...QUICK, ttl: 1 });
      expect(result).toMatchObject({ status: 'failed', failureSource: 'path', reason: 'ttl-exceeded' });
      const [error] = result.facts.errors;
      expect(error).toMatchObject({ from: network.addresses.router[family], type, code: 0, meaning: 'ttl-exceeded' });
    });

    it.sequential.each([
      ['ipv4', 'icmp type host-unreachable', 'host-unreachable'],
      ['ipv4', 'icmp type admin-prohibited', 'prohibited'],
      ['ipv6', 'icmpv6 type addr-unreachable', 'host-unreachable'],
      ['ipv6', 'icmpv6 type admin-prohibited', 'prohibited'],
    ] as const)('over %s says what a router answers: %s', async (family, reject, reason) => {
      const only = family === 'ipv4' ? 'ip protocol icmp' : 'icmpv6 type echo-request';
      await nft(network.router, 'add table inet t; add chain inet t c { type filter hook forward priority 0; };');
      await nft(network.router, `add rule inet t c ${only} reject with ${reject}`);
      const result = await pinger.call('probe', network.addresses.server[family], QUICK);
      expect(result).toMatchObject({ status: 'failed', failureSource: 'path', reason });
      expect(result.facts.errors[0]).toMatchObject({ from: network.addresses.router[family], meaning: reason });
      await nft(network.router, 'delete table inet t');
    });

    it.sequential('blames the target itself where that refuses', async () => {
      await nft(network.server, 'add table ip t; add chain ip t c { type filter hook input priority 0; };');
      await nft(network.server, 'add rule ip t c icmp type echo-request reject with icmp type admin-prohibited');
      const result = await pinger.call('probe', network.addresses.server.ipv4, QUICK);
      expect(result).toMatchObject({ status: 'failed', failureSource: 'target', reason: 'prohibited' });
      await nft(network.server, 'delete table ip t');
    });

    it.sequential('lets no error of one target spoil what comes from another by the same socket', async () => {
      await network.router.configure(['route', 'add', 'unreachable', '203.0.113.0/24']);
      const targets = Array.from({ length: 40 }, (_, index) =>
        index % 2 === 0 ? `203.0.113.${index + 1}` : network.addresses.server.ipv4,
      );
      const { results } = await pinger.call('many', targets, { count: 10, interval: 5, timeout: 500 });
      for (const [index, { status, facts }] of results.entries()) {
        expect([status, facts.received]).toEqual(index % 2 === 0 ? ['failed', 0] : ['ok', 10]);
      }
    });

    it.sequential('is not held up by neighbours that are not there, whose packets wait in the send buffer', async () => {
      const neighbours = Array.from({ length: 250 }, (_, index) => `192.0.2.${index + 3}`);
      const targets = [...neighbours, network.addresses.server.ipv4];
      // The kernel waits 3 s for a neighbour's address; without a larger buffer, 256 packets fill it.
      const { results } = await pinger.call('many', targets, { count: 2, interval: 100, timeout: 100 });
      expect(results.at(-1)).toMatchObject({ status: 'ok', facts: { sent: 2, received: 2 } });
      expect(results.filter(({ facts }) => facts.sent === 2).length).toBe(251);
    });

    it.sequential('goes on waiting where a router only knows a better way: a redirect is no refusal', async () => {
      await network.router.configure(['route', 'add', '198.51.100.128/25', 'via', network.addresses.client.ipv4]);
      await nft(
        network.client,
        'add table ip t; add counter ip t dropped; add chain ip t c { type filter hook input priority 0; };',
      );
      await nft(network.client, 'add rule ip t c icmp type redirect counter name dropped');
      const result = await pinger.call('probe', '198.51.100.200', { count: 2, interval: 10, timeout: 100 });
      expect(await dropped(network.client)).toBeGreaterThan(0);
      expect(result).toMatchObject({ status: 'failed', reason: 'timeout', facts: { sent: 2, errors: [] } });
      await nft(network.client, 'delete table ip t');
    });

    it.sequential('sends with the time to live, the code point, the size, the source and the interface that are wanted', async () => {
      await network.client.configure(['address', 'add', '192.0.2.77/24', 'dev', 'eth0']);
      await nft(
        network.server,
        'add table ip t; add counter ip t dropped; add chain ip t c { type filter hook input priority 0; };',
      );
      await nft(
        network.server,
        'add rule ip t c ip saddr 192.0.2.77 ip dscp ef ip ttl 16 ip length 128 counter name dropped',
      );
      const result = await pinger.call('probe', network.addresses.server.ipv4, {
        ...QUICK,
        ttl: 17,
        dscp: 46,
        payloadSize: 100,
        source: '192.0.2.77',
        interface: 'eth0',
      });
      expect(result).toMatchObject({ status: 'ok', facts: { received: 5, payloadSize: 100 } });
      expect(await dropped(network.server)).toBe(5);
      await nft(network.server, 'delete table ip t');
      const nowhere = await pinger.call('probe', network.addresses.server.ipv4, { ...QUICK, interface: 'eth7' });
      expect(nowhere).toMatchObject({ status: 'inconclusive', failureSource: 'local', reason: 'no-interface' });
      const nobody = await pinger.call('probe', network.addresses.server.ipv4, { ...QUICK, source: '192.0.2.99' });
      expect(nobody).toMatchObject({ status: 'inconclusive', failureSource: 'local', reason: 'no-address' });
    });

    it.sequential('is inconclusive without a route', async () => {
      await lab.removeDefaultRoute('client');
      for (const family of FAMILIES) {
        const result = await pinger.call('probe', network.addresses.server[family], QUICK);
        expect(result).toMatchObject({ status: 'inconclusive', failureSource: 'local', reason: 'no-route' });
      }
      await lab.restoreDefaultRoute('client');
    });

    it.sequential('pings 1,000 targets at once by one socket', async () => {
      const targets = Array.from({ length: 1_000 }, (_, index) => `127.0.${(index + 1) >> 8}.${(index + 1) & 255}`);
      const { before, meanwhile, after, results } = await pinger.call('many', targets, { count: 2, interval: 100 });
      // A socket, and an epoll instance.
      expect(meanwhile).toBe(before + 2);
      expect(after).toBe(before);
      expect(results.every(({ facts }) => facts.received === 2 && facts.method === method)).toBe(true);
    });

    it.sequential('leaks no descriptor in 200 probes', async () => {
      const { before, after } = await pinger.call('cycle', '127.0.0.1', 200);
      expect(after).toBe(before);
    });
  });
}

function permissionSuite(): void {
  describeInLab('probePing on a host', [], () => {
    let lab: Lab;
    let host: Host;

    beforeAll(async () => {
      lab = await createLab();
      host = await lab.host('host');
    });
    afterAll(() => lab?.dispose());

    it.sequential('without any permission is inconclusive and says how to get one, or measures TCP', async () => {
      await host.sysctl('net.ipv4.ping_group_range', '1 0');
      await host.configure(['route', 'add', 'unreachable', '203.0.113.0/24']);
      const byTcp = { fallback: 'tcp', port: 9, count: 2, interval: 1 };
      const [icmp, tcp, unreachable] = await withoutCapabilities(host, [
        ['127.0.0.1', { count: 1 }],
        ['127.0.0.1', byTcp],
        ['203.0.113.1', byTcp],
      ]);
      expect(icmp).toMatchObject({ status: 'inconclusive', failureSource: 'local', reason: 'not-allowed' });
      expect(icmp?.message).toContain('net.ipv4.ping_group_range');
      expect(icmp?.message).toContain('setcap cap_net_raw');
      expect(tcp).toMatchObject({ status: 'ok', facts: { method: 'tcp', received: 2 } });
      expect(unreachable).toMatchObject({
        status: 'failed',
        failureSource: 'path',
        reason: 'host-unreachable',
        facts: { sent: 2, received: 0, loss: 1 },
      });
    });

    it.sequential('needs no privilege where the system permits its group', async () => {
      await permitAll(host);
      const [icmp] = await withoutCapabilities(host, [['127.0.0.1', QUICK]]);
      expect(icmp).toMatchObject({ status: 'ok', facts: { method: 'icmp-datagram', received: 5 } });
    });
  });
}

/** Runs the probes in a process of its own, which is root without any of root's powers; that it ends by itself is a part of the test. */
async function withoutCapabilities(host: Host, pings: readonly (readonly [target: string, options: object])[]) {
  const program = `
    import { probePing } from ${JSON.stringify(new URL('../../../src/probes/ping/index.ts', import.meta.url).href)};
    const results = [];
    for (const [target, options] of ${JSON.stringify(pings)}) results.push(await probePing(target, options));
    console.log(JSON.stringify(results));
  `;
  const node = [process.execPath, '--import', 'tsx', '--input-type=module', '--eval', program];
  const { stdout } = await host.exec('setpriv', ['--bounding-set=-all', '--inh-caps=-all', ...node]);
  const results: readonly { readonly message?: string }[] = JSON.parse(stdout);
  return results;
}

/** By default, the kernel answers the same host with one ICMP error a second. */
async function answerAll(host: Host): Promise<void> {
  await host.sysctl('net.ipv4.icmp_ratelimit', 0);
  await host.sysctl('net.ipv6.icmp.ratelimit', 0);
}

async function permitAll(host: Host): Promise<void> {
  await host.sysctl('net.ipv4.ping_group_range', '0 2147483647');
}

async function setServerMtu({ router, server }: ClientRouterServer, mtu: number): Promise<void> {
  await router.configure(['link', 'set', 'dev', 'eth1', 'mtu', `${mtu}`]);
  await server.configure(['link', 'set', 'dev', 'eth0', 'mtu', `${mtu}`]);
}

async function nft(host: Host, rules: string): Promise<void> {
  await host.exec('nft', ['-f', '-'], { input: rules.replaceAll('; add', '\nadd') });
}

/** Packets in the counter of that name. */
async function dropped(host: Host): Promise<number> {
  const { stdout } = await host.exec('nft', ['list', 'counter', 'ip', 't', 'dropped']);
  return Number(/packets (\d+)/.exec(stdout)?.[1]);
}

async function pingRtt(host: Host, address: string): Promise<number> {
  const { stdout } = await host.exec('ping', ['-n', '-q', '-c', '20', '-i', '0.01', address]);
  return averageIn(stdout);
}

async function fpingRtt(host: Host, address: string): Promise<number> {
  const { stderr } = await host.exec('fping', ['-q', '-c', '20', '-p', '10', address]);
  return averageIn(stderr);
}

/** In `min/avg/max = 0.03/0.05/0.1`, or with `mdev`. */
function averageIn(summary: string): number {
  return Number(/avg\/max[^=]*= [\d.]+\/([\d.]+)/.exec(summary)?.[1]);
}
