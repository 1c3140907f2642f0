import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { describeInLab } from '../../lab/describe-in-lab.js';
import { type Actor, type ClientRouterServer, clientRouterServer, createLab, type Lab } from '../../lab/index.js';
import { isInstalled, requireProgram } from '../../servers/require-program.js';
import { type Certificate, CertificateFolder } from '../../unit/probes/http/certificates.js';
import type { MuteServer } from './actors/mute-server.js';
import { Nginx } from './actors/nginx.js';
import type { ProbeActor } from './actors/probe-actor.js';

const CHECK_PORT = 7001;
const MUTE = 7002;
const PLAIN = 80;
const GOOD = 443;
const OLD = 444;
const EXPIRED = 445;
const WRONG = 446;
const SELF_SIGNED = 447;

/** Longer than anything that is waited for: whatever ends earlier has ended by what happened. */
const timeout = 30_000;

const PROGRAMS = [
  { program: 'nginx', debianPackage: 'nginx-light' },
  { program: 'openssl', debianPackage: 'openssl' },
  { program: 'faketime', debianPackage: 'faketime' },
] as const;

describeInLab('probeHttp in a network', [], () => {
  let lab: Lab;
  let net: ClientRouterServer;
  let folder: CertificateFolder;
  let authority: Certificate;
  let nginx: Nginx;
  let mute: Actor<MuteServer>;
  let client: Actor<ProbeActor>;

  beforeAll(async () => {
    if (!PROGRAMS.every(({ program }) => isInstalled(program))) return;
    lab = await createLab();
    net = await clientRouterServer(lab);
    ({ folder, authority } = await CertificateFolder.make());
    const { ipv4, ipv6 } = net.addresses.server;
    const altNames = `DNS:www.example.com,IP:${ipv4},IP:${ipv6}`;
    const good = await folder.certificate({ altNames });
    nginx = await Nginx.start(net.server, [
      { port: PLAIN },
      { port: GOOD, certificate: good, http2: true },
      { port: OLD, certificate: good },
      { port: EXPIRED, certificate: await folder.certificate({ altNames, from: '@2020-01-01 00:00:00' }) },
      { port: WRONG, certificate: await folder.certificate({ altNames: 'DNS:other.example.com' }) },
      { port: SELF_SIGNED, certificate: await folder.certificate({ altNames, selfSigned: true }) },
    ]);
    mute = await net.server.spawn<MuteServer>(new URL('./actors/mute-server.ts', import.meta.url));
    await mute.call('listen', CHECK_PORT);
    await mute.call('listen', MUTE);
  });
  afterAll(async () => {
    await lab?.dispose();
    await nginx?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });

  beforeEach(async (context) => {
    for (const { program, debianPackage } of PROGRAMS) requireProgram(context, program, debianPackage);
    client = await net.client.spawn<ProbeActor>(new URL('./actors/probe-actor.ts', import.meta.url));
  });
  afterEach(() => client?.stop());

  const ask = (url: string, options: object = {}) =>
    client.call('http', url, { timeout, tls: { ca: authority.cert }, ...options }, [net.addresses.server.ipv4]);

  it('speaks HTTP/1.1 and HTTP/2 with nginx, and follows its redirects', async () => {
    const { ipv4, ipv6 } = net.addresses.server;
    expect(await ask(`http://${ipv4}/`, { expectBody: 'it works' })).toMatchObject({
      status: 'ok',
      address: ipv4,
      facts: { httpVersion: '1.1', bodyBytes: 9, headers: { 'content-type': 'text/plain' } },
    });
    const secure = await ask('https://www.example.com/moved', { expectBody: 'it works' });
    expect(secure).toMatchObject({
      status: 'ok',
      facts: { httpVersion: '2', tls: { alpn: 'h2', authorized: true }, redirects: [{ status: 301 }] },
    });
    expect(secure.timings).toHaveProperty('redirect');
    expect(await ask(`https://[${ipv6}]:${OLD}/`)).toMatchObject({
      status: 'ok',
      address: ipv6,
      facts: { httpVersion: '1.1', tls: { alpn: 'http/1.1' } },
    });
    expect(await ask(`https://${ipv4}/gone`)).toMatchObject({ failureSource: 'target', reason: 'unexpected-status' });
    expect(await ask(`https://${ipv4}:${OLD}/`, { version: '2' })).toMatchObject({
      status: 'failed',
      failureSource: 'target',
    });
  });

  it.each([
    [EXPIRED, 'certificate-expired'],
    [WRONG, 'certificate-wrong-name'],
    [SELF_SIGNED, 'certificate-self-signed'],
  ])('judges the certificate on port %i of nginx: %s', async (port, reason) => {
    expect(await ask(`https://www.example.com:${port}/`)).toMatchObject({
      status: 'failed',
      failureSource: 'target',
      reason,
      facts: { tls: { problems: [reason], certificate: { subject: 'O=Example, CN=server' } } },
    });
  });

  describe('with a monitor', () => {
    beforeEach(async () => {
      await client.call('start', {
        checkHosts: [net.addresses.server.ipv4],
        checkPorts: [CHECK_PORT],
        checkInterval: 500,
        checkTimeout: 500,
      });
      await client.event('state', (state) => state === 'up');
    });

    it('says nothing of a server while the uplink of this host is pulled in the middle of it', async () => {
      const asking = ask(`http://${net.addresses.server.ipv4}:${MUTE}/`, { timeout: 2_000 });
      await mute.event('bytes', ({ port }) => port === MUTE);
      await lab.pullCable('client');
      expect(await asking).toMatchObject({
        status: 'inconclusive',
        failureSource: 'local',
        reason: 'offline',
        offline: 'no-carrier',
      });
      await lab.plugIn('client');
    });

    it('says nothing of a server while this host is offline all the time', async () => {
      await lab.pullCable('client');
      await client.event('state', (state) => state === 'down');
      expect(await ask(`http://${net.addresses.server.ipv4}/`, { timeout: 500 })).toMatchObject({
        status: 'inconclusive',
        reason: 'offline',
      });
      await lab.plugIn('client');
    });

    it('blames a server that is silent while the network is there', async () => {
      expect(await ask(`http://${net.addresses.server.ipv4}:${MUTE}/`, { timeout: 500 })).toMatchObject({
        status: 'failed',
        failureSource: 'path',
        reason: 'timeout',
      });
    });

    it('blames a server that is stopped while the network is there', async () => {
      const url = `http://${net.addresses.server.ipv4}/`;
      expect(await ask(url)).toMatchObject({ status: 'ok' });
      await nginx.stop();
      await expect.poll(async () => (await ask(url)).reason, { timeout: 20_000 }).toBe('refused');
      const result = await ask(url);
      expect(result).toMatchObject({ status: 'failed', failureSource: 'target', reason: 'refused' });
      expect(result.offline).toBeUndefined();
    });
  });
});
