import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { probeDns } from '../../src/probes/dns/index.js';
import { answerTo, framed } from '../unit/probes/dns/name-server.js';
import { type Certificate, DnsServer, makeCertificate } from './dns-servers.js';
import { portOf } from './prometheus-server.js';
import { isInstalled, requireProgram } from './require-program.js';
import { freePort } from './server-process.js';

const ZONE = `$TTL 300
@ IN SOA ns.example.net. host\\.master.example.net. 7 3600 900 604800 60
@ IN NS ns
ns IN A 192.0.2.53
www IN A 192.0.2.1
www 60 IN A 192.0.2.2
www IN AAAA 2001:db8::1
alias IN CNAME www
@ IN MX 10 mail
@ IN MX 20 mail2.example.org.
_sip._tcp IN SRV 1 2 5060 sip
text IN TXT "v=spf1" " -all"
text IN TXT "\\027[31m\\"x\\\\"
caa IN CAA 0 issue "ca.example; account=1"
naptr IN NAPTR 100 10 "u" "E2U+sip" "!^(.*)$!sip:x\\\\1@example.net!" .
host IN HINFO "PC \\"x\\"" "Linux"
key IN SSHFP 4 2 ${'AB'.repeat(32)}
tlsa IN TLSA 3 1 1 ${'CD'.repeat(32)}
ds IN DS 12345 13 2 ${'EF'.repeat(32)}
ds IN NS ns
svc IN HTTPS 1 . alpn="h2"
svc2 IN HTTPS 16 Web.Example.net. mandatory=alpn,port alpn="h3,h2" no-default-alpn port=8443 ipv4hint=192.0.2.1,192.0.2.2 ech=AQID ipv6hint=2001:db8::1,::ffff:192.0.2.1 key667="a \\"b\\027"
svc3 IN SVCB 1 dns port=853 dohpath=/q{?dns}
svc4 IN HTTPS 0 www
svc5 IN HTTPS 1 . alpn="f\\\\\\\\oo\\\\,bar"
odd IN TYPE65300 \\# 3 0102ff
rp IN RP who.example.net. text
dn IN DNAME example.org.
${Array.from({ length: 100 }, (_, index) => `many IN A 198.51.100.${index}`).join('\n')}
`;

/** What each record of the zone is, in our words. */
const RECORDS: readonly (readonly [name: string, type: string, answers: readonly string[]])[] = [
  ['www.example.net', 'A', ['192.0.2.1', '192.0.2.2']],
  ['www.example.net', 'AAAA', ['2001:db8::1']],
  ['alias.example.net', 'A', ['www.example.net', '192.0.2.1', '192.0.2.2']],
  ['example.net', 'MX', ['10 mail.example.net', '20 mail2.example.org']],
  ['example.net', 'NS', ['ns.example.net']],
  ['example.net', 'SOA', ['ns.example.net host\\.master.example.net 7 3600 900 604800 60']],
  ['_sip._tcp.example.net', 'SRV', ['1 2 5060 sip.example.net']],
  ['text.example.net', 'TXT', ['v=spf1 -all', '\\027[31m"x\\\\']],
  ['caa.example.net', 'CAA', ['0 issue "ca.example; account=1"']],
  ['naptr.example.net', 'NAPTR', ['100 10 "u" "E2U+sip" "!^(.*)$!sip:x\\\\1@example.net!" .']],
  ['host.example.net', 'HINFO', ['"PC \\"x\\"" "Linux"']],
  ['key.example.net', 'SSHFP', [`4 2 ${'AB'.repeat(32)}`]],
  ['tlsa.example.net', 'TLSA', [`3 1 1 ${'CD'.repeat(32)}`]],
  ['ds.example.net', 'DS', [`12345 13 2 ${'EF'.repeat(32)}`]],
  ['svc.example.net', 'HTTPS', ['1 . alpn="h2"']],
  ['svc.example.net', 'TYPE65', ['1 . alpn="h2"']],
  [
    'svc2.example.net',
    'HTTPS',
    [
      '16 Web.Example.net mandatory=alpn,port alpn="h3,h2" no-default-alpn port=8443 ipv4hint=192.0.2.1,192.0.2.2 ech=AQID ipv6hint=2001:db8::1,::ffff:192.0.2.1 key667="a \\"b\\027"',
    ],
  ],
  ['svc3.example.net', 'SVCB', ['1 dns.example.net port=853 dohpath="/q{?dns}"']],
  ['svc4.example.net', 'HTTPS', ['0 www.example.net']],
  ['svc5.example.net', 'HTTPS', [`\\# 16 0001000001000908${Buffer.from('f\\oo,bar').toString('hex').toUpperCase()}`]],
  ['odd.example.net', 'TYPE65300', ['\\# 3 0102FF']],
  ['rp.example.net', 'RP', ['who.example.net text.example.net']],
  ['dn.example.net', 'DNAME', ['example.org']],
];

describe('probeDns, asking BIND', () => {
  let folder = '';
  let certificate: Certificate;
  let server: DnsServer | undefined;
  let tlsServer = '';

  beforeAll(async () => {
    if (!isInstalled('named') || !isInstalled('openssl')) return;
    folder = await mkdtemp(join(tmpdir(), 'netpause-tls-'));
    certificate = await makeCertificate(folder, 'DNS:ns.example.net,IP:127.0.0.1');
    const port = await freePort();
    server = await DnsServer.named('example.net', ZONE, { ...certificate, port });
    tlsServer = `127.0.0.1:${port}`;
  });
  afterAll(async () => {
    await server?.stop();
    if (folder !== '') await rm(folder, { recursive: true });
  });
  beforeEach((context) => {
    requireProgram(context, 'named', 'bind9');
    requireProgram(context, 'openssl', 'openssl');
  });

  const address = () => server?.address ?? '';

  it.each(RECORDS)('reads %s %s', async (name, type, answers) => {
    const { status, facts } = await probeDns(name, { server: address(), type, expect: answers });
    expect(facts.answers.map(({ data }) => data).sort()).toEqual([...answers].sort());
    expect([status, facts.flags?.aa, facts.rcode]).toEqual(['ok', true, 'NOERROR']);
  });

  it('tells the lowest TTL', async () => {
    // BIND gives all records of a set the same TTL, and says so in its log.
    const { facts } = await probeDns('alias.example.net', { server: address() });
    expect(facts.ttl).toBe(Math.min(...facts.answers.map(({ ttl = 0 }) => ttl)));
    expect(facts.ttl).toBeGreaterThan(0);
  });

  it('asks by TCP what does not fit into UDP', async () => {
    const result = await probeDns('many.example.net', { server: address(), minAnswers: 100 });
    expect(result).toMatchObject({
      status: 'ok',
      facts: { truncated: true, transport: 'tcp', answerCount: 100, queries: 2 },
    });
    expect(await probeDns('many.example.net', { server: address(), transport: 'tcp' })).toMatchObject({
      status: 'ok',
      facts: { truncated: false, transport: 'tcp', answerCount: 100 },
    });
  });

  it.each([
    ['nothing.example.net', 'nxdomain', 'NXDOMAIN'],
    ['example.org', 'refused-by-server', 'REFUSED'],
    ['text.example.net', 'no-answer-records', 'NOERROR'],
  ])('has the server to blame for %s: %s', async (name, reason, rcode) => {
    expect(await probeDns(name, { server: address() })).toMatchObject({
      status: 'failed',
      failureSource: 'target',
      reason,
      facts: { rcode },
    });
  });

  it('asks by TLS, and believes the certificate', async () => {
    const options = { server: tlsServer, transport: 'tls', tls: { ca: certificate.pem } } as const;
    const named = (serverName: string) => ({ ...options, tls: { ...options.tls, serverName } });
    const result = await probeDns('www.example.net', { ...options, expect: ['192.0.2.1'] });
    expect(result).toMatchObject({
      status: 'ok',
      facts: { transport: 'tls', tls: { version: 'TLSv1.3', authorized: true } },
    });
    expect(Object.keys(result.timings).sort()).toEqual(['connect', 'query', 'tls']);
    const left = (result.facts.tls?.certificate?.validTo ?? 0) - Date.now();
    expect(left / 86_400_000).toBeGreaterThan(28);
    expect(left / 86_400_000).toBeLessThanOrEqual(30);
    expect(await probeDns('www.example.net', named('ns.example.net'))).toMatchObject({
      status: 'ok',
    });
    expect(await probeDns('www.example.net', named('ns.example.org'))).toMatchObject({
      status: 'failed',
      failureSource: 'target',
      reason: 'certificate-wrong-name',
    });
    const unknown = { server: tlsServer, transport: 'tls' } as const;
    expect(await probeDns('www.example.net', unknown)).toMatchObject({ reason: 'certificate-self-signed' });
    expect(await probeDns('www.example.net', { ...unknown, tls: { verify: false } })).toMatchObject({ status: 'ok' });
  });

  it('reads what TLS brings together with the end of the connection', async () => {
    const tls = createServer({ key: await readFile(certificate.keyFile), cert: certificate.pem }, (socket) =>
      socket.once('data', (query) =>
        socket.end(framed(answerTo(query.subarray(2), [{ type: 'A', name: 'x.example', data: '192.0.2.9' }]))),
      ),
    );
    tls.listen(0, '127.0.0.1');
    await once(tls, 'listening');
    const options = { server: `127.0.0.1:${portOf(tls.address())}`, transport: 'tls', tls: { verify: false } } as const;
    expect(await probeDns('x.example', options)).toMatchObject({ status: 'ok' });
    tls.close();
  });
});

describe('probeDns, asking dnsmasq', () => {
  let server: DnsServer | undefined;

  beforeAll(async () => {
    if (!isInstalled('dnsmasq')) return;
    server = await DnsServer.dnsmasq(
      '--host-record=www.example.com,192.0.2.1,2001:db8::1',
      '--txt-record=text.example.com,one,two',
      '--mx-host=example.com,mail.example.com,5',
      '--ptr-record=1.2.0.192.in-addr.arpa,www.example.com',
      '--local=/example.com/',
    );
  });
  afterAll(() => server?.stop());
  beforeEach((context) => requireProgram(context, 'dnsmasq', 'dnsmasq-base'));

  it.each([
    ['www.example.com', 'A', '192.0.2.1'],
    ['www.example.com', 'AAAA', '2001:db8::1'],
    ['text.example.com', 'TXT', 'onetwo'],
    ['example.com', 'MX', '5 mail.example.com'],
    ['192.0.2.1', 'PTR', 'www.example.com'],
  ])('reads %s %s by UDP and TCP', async (name, type, answer) => {
    for (const transport of ['udp', 'tcp'] as const) {
      const options = { server: server?.address, type, transport, expect: [answer] };
      expect(await probeDns(name, options)).toMatchObject({ status: 'ok', facts: { transport } });
    }
  });

  it('has it to blame for what it does not know, and for what it will not ask others', async () => {
    const options = { server: server?.address };
    expect(await probeDns('none.example.com', options)).toMatchObject({ failureSource: 'target', reason: 'nxdomain' });
    expect(await probeDns('example.org', options)).toMatchObject({
      failureSource: 'target',
      reason: 'refused-by-server',
    });
  });
});
