import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../../lab/bounded.js';
import { describeInLab } from '../../lab/describe-in-lab.js';
import { type Actor, clientRouterServer, createLab, type Host, type Lab } from '../../lab/index.js';
import { isInstalled, requireProgram } from '../../servers/require-program.js';
import type { DnsActor } from './actors/dns-actor.js';

describeInLab('probeDns', ['nft'], () => {
  let lab: Lab;
  let folder: string;
  let server: Host;
  let client: Host;
  let router: Host;
  let prober: Actor<DnsActor>;
  const SERVER = { ipv4: '198.51.100.2', ipv6: '2001:db8:2::2' };

  beforeAll(async () => {
    lab = await createLab();
    folder = await mkdtemp(join(tmpdir(), 'netpause-dns-'));
    ({ client, server, router } = await clientRouterServer(lab));
    // Only in the client's own view of the files: it has a mount namespace of its own.
    await writeFile(join(folder, 'resolv.conf'), `nameserver ${SERVER.ipv4}\n`);
    await client.exec('mount', ['--bind', join(folder, 'resolv.conf'), '/etc/resolv.conf']);
    if (isInstalled('dnsmasq')) await startDnsmasq(server, folder);
    prober = await client.spawn<DnsActor>(new URL('./actors/dns-actor.ts', import.meta.url));
    await until(
      async () =>
        (await prober.call('probe', 'www.example.com', { server: SERVER.ipv4, timeout: 500 })).status === 'ok',
      () => 'for dnsmasq to answer',
    );
  });
  afterAll(async () => {
    await lab?.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  it.each(['udp', 'tcp'] as const)('asks over IPv4 and IPv6 by %s', async (transport) => {
    for (const address of [SERVER.ipv4, `[${SERVER.ipv6}]:53`]) {
      const result = await prober.call('probe', 'www.example.com', {
        server: address,
        transport,
        expect: ['192.0.2.80'],
      });
      expect(result).toMatchObject({ status: 'ok', facts: { transport, rcode: 'NOERROR' } });
    }
  });

  it('asks from the address that it is told', async () => {
    await client.configure(['address', 'add', '192.0.2.99/24', 'dev', 'eth0']);
    const silent = await server.spawn<DnsActor>(new URL('./actors/dns-actor.ts', import.meta.url));
    const port = await silent.call('listenSilently');
    const options = { server: `${SERVER.ipv4}:${port}`, source: '192.0.2.99', timeout: 100 };
    expect(await prober.call('probe', 'www.example.com', options)).toMatchObject({
      status: 'failed',
      failureSource: 'path',
      reason: 'timeout',
    });
    expect((await silent.event('asked', () => true)).detail).toBe('192.0.2.99');
  });

  it('has the target to blame for a closed port, and the path for a router that refuses', async () => {
    const closed = { server: `${SERVER.ipv4}:5353` };
    expect(await prober.call('probe', 'www.example.com', closed)).toMatchObject({
      failureSource: 'target',
      reason: 'refused',
    });
    await router.exec('nft', ['-f', '-'], {
      input: `table inet filter { chain forward { type filter hook forward priority 0;
        ip daddr ${SERVER.ipv4} udp dport 5300 reject with icmp type admin-prohibited
        }
      }`,
    });
    const forbidden = { server: `${SERVER.ipv4}:5300` };
    expect(await prober.call('probe', 'www.example.com', forbidden)).toMatchObject({
      failureSource: 'path',
      reason: 'host-unreachable',
    });
    await router.exec('nft', ['delete', 'table', 'inet', 'filter']);
  });

  it('asks the name servers of the system', async () => {
    const result = await prober.call('probe', 'www.example.com', { expect: ['192.0.2.80'] });
    expect(result).toMatchObject({
      status: 'ok',
      samples: [result.timings.query],
      facts: { server: 'system', transport: 'system', rcode: 'NOERROR', answerCount: 1 },
    });
    expect(result.facts.answers).toEqual([{ name: 'www.example.com', type: 'A', ttl: 120, data: '192.0.2.80' }]);
  });

  it.each([
    ['AAAA', ['2001:db8::80']],
    ['MX', ['5 mail.example.com']],
    ['TXT', ['one\\027tw\\195\\188']],
    ['SRV', ['1 2 443 www.example.com']],
    ['CNAME', ['www.example.com']],
    ['NS', ['ns.example.com']],
    ['SOA', [/^ns\.example\.com host\.example\.com 7 /.source]],
    ['PTR', ['www.example.com']],
  ])('has the system find %s records', async (type, expected) => {
    const target = TARGETS.get(type) ?? 'example.com';
    const patterns = type === 'SOA' ? expected.map((regexp) => ({ regexp })) : expected;
    expect(await prober.call('probe', target, { type, expect: patterns })).toMatchObject({ status: 'ok' });
  });

  it('has the resolver to blame where the system finds nothing', async () => {
    expect(await prober.call('probe', 'none.example.com', {})).toMatchObject({
      status: 'failed',
      failureSource: 'resolver',
      reason: 'nxdomain',
      facts: { rcode: 'NXDOMAIN' },
    });
    expect(await prober.call('probe', 'none.example.com', { rcode: 'NXDOMAIN' })).toMatchObject({ status: 'ok' });
    expect(await prober.call('probe', 'www.example.com', { type: 'MX' })).toMatchObject({
      failureSource: 'resolver',
      reason: 'no-answer-records',
    });
    expect(await prober.call('probe', 'example.org', {})).toMatchObject({
      failureSource: 'resolver',
      reason: 'refused-by-server',
    });
  });

  it('blames nobody while this host is offline', async () => {
    expect(await prober.call('watch', SERVER.ipv4, 53)).toBe('up');
    await lab.stopForwarding('router');
    const behind = await prober.call('probe', 'www.example.com', { server: SERVER.ipv4, timeout: 200 });
    expect(behind).toMatchObject({ status: 'inconclusive', failureSource: 'local', reason: 'offline' });
    const system = await prober.call('probe', 'www.example.com', { timeout: 200 });
    expect(system).toMatchObject({ status: 'inconclusive', failureSource: 'local', reason: 'offline' });
    await prober.call('unwatch');
    expect(await prober.call('probe', 'www.example.com', { timeout: 200 })).toMatchObject({
      status: 'failed',
      failureSource: 'resolver',
      reason: 'resolver-timeout',
    });
    await lab.startForwarding('router');
  });

  it('is inconclusive where there is no route', async () => {
    await client.configure(['route', 'del', 'default']);
    const result = await prober.call('probe', 'www.example.com', { server: SERVER.ipv4 });
    expect(result).toMatchObject({ status: 'inconclusive', failureSource: 'local', reason: 'no-route' });
    await client.defaultRoute('192.0.2.1');
  });

  it('needs dnsmasq', (context) => requireProgram(context, 'dnsmasq', 'dnsmasq-base'));
});

const TARGETS: ReadonlyMap<string, string> = new Map([
  ['AAAA', 'www.example.com'],
  ['CNAME', 'alias.example.com'],
  ['SRV', '_https._tcp.example.com'],
  ['PTR', '192.0.2.80'],
]);

/** It goes into the background by itself, and ends with the namespace. */
async function startDnsmasq(host: Host, folder: string): Promise<void> {
  await host.exec('dnsmasq', [
    '--conf-file=/dev/null',
    '--no-resolv',
    '--no-hosts',
    `--pid-file=${join(folder, 'pid')}`,
    '--user=',
    '--group=',
    '--local-ttl=120',
    '--host-record=www.example.com,192.0.2.80,2001:db8::80',
    '--cname=alias.example.com,www.example.com',
    '--mx-host=example.com,mail.example.com,5',
    '--txt-record=example.com,one\x1btwü',
    '--srv-host=_https._tcp.example.com,www.example.com,443,1,2',
    '--ptr-record=80.2.0.192.in-addr.arpa,www.example.com',
    '--auth-server=ns.example.com,eth0',
    '--auth-soa=7,host.example.com',
    '--auth-zone=example.com,192.0.2.0/24,2001:db8::/64',
    '--auth-ttl=120',
    '--local=/example.com/',
  ]);
}
