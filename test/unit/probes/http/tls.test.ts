import { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../../../src/errors/index.js';
import type { HttpProbeOptions } from '../../../../src/probes/http/http-options.js';
import { probeHttp } from '../../../../src/probes/http/probe-http.js';
import { isInstalled, requireProgram } from '../../../servers/require-program.js';
import { hear, TcpServer } from '../tcp/servers.js';
import { type Certificate, CertificateFolder, type CertificateRequest } from './certificates.js';
import { serveHttps, serveOldHttps } from './servers.js';

const timeout = 15_000;
const SOON = 400;
const DAY = 86_400_000;
const ALT_NAMES = 'DNS:www.example,IP:127.0.0.1,IP:::1';

/** Each is a Debian package of its name. */
const PROGRAMS = ['openssl', 'faketime'];

let folder: CertificateFolder;
let authority: Certificate;
let good: Certificate;
beforeAll(async () => {
  if (!PROGRAMS.every(isInstalled)) return;
  ({ folder, authority } = await CertificateFolder.make());
  good = await folder.certificate({ altNames: ALT_NAMES });
});
beforeEach((context) => {
  for (const program of PROGRAMS) requireProgram(context, program, program);
});
afterAll(() => folder?.[Symbol.asyncDispose]());

/** Asks a server with a certificate, whom the authority vouches for unless the certificate says otherwise. */
async function askWith(certificate: Certificate, options: HttpProbeOptions = {}, host = '127.0.0.1') {
  let requests = 0;
  await using server = await serveHttps(certificate, (_request, response) => {
    requests += 1;
    response.end('hello');
  });
  const resolve = async () => ({ addresses: ['127.0.0.1'] });
  const tls = { ca: authority.cert, ...options.tls };
  const result = await probeHttp(`https://${host}:${server.port}/`, { timeout, ...options, tls }, { resolve });
  return { result, requests };
}

/** The second UTCTime of a certificate is when it ends (RFC 5280 section 4.1.2.5): a tag, a length, and then YYMMDD. */
function withMonth99(pem: string): string {
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  const utcTime = Buffer.from([0x17, 0x0d]);
  const end = der.indexOf(utcTime, der.indexOf(utcTime) + 1);
  der.write('99', end + 4, 'latin1');
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`;
}

describe('probeHttp over TLS', () => {
  it('tells what was agreed on and who it was', async () => {
    const { result } = await askWith(good);
    const x509 = new X509Certificate(good.cert);
    expect(result).toMatchObject({
      status: 'ok',
      facts: {
        httpVersion: '2',
        tls: {
          version: 'TLSv1.3',
          alpn: 'h2',
          authorized: true,
          problems: [],
          certificate: {
            subject: 'O=Example, CN=server',
            issuer: 'CN=Test Authority',
            altNames: ['DNS:www.example', 'IP Address:127.0.0.1', 'IP Address:0:0:0:0:0:0:0:1'],
            validFrom: Date.parse(x509.validFrom),
            validTo: Date.parse(x509.validTo),
            chainValidTo: Date.parse(x509.validTo),
            fingerprint: x509.fingerprint256.replaceAll(':', '').toLowerCase(),
          },
        },
      },
    });
    expect(result.facts.tls?.cipher).toMatch(/^TLS_/);
    expect(Object.keys(result.timings).sort()).toEqual(['connect', 'firstByte', 'request', 'tls', 'transfer']);
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  });

  it.each([
    ['1.1', '1.1', 'http/1.1'],
    ['2', '2', 'h2'],
    ['auto', '2', 'h2'],
  ] as const)('speaks %s as is asked', async (version, httpVersion, alpn) => {
    const { result } = await askWith(good, { version, expectBody: 'hello' });
    expect(result).toMatchObject({ status: 'ok', facts: { httpVersion, tls: { alpn } } });
  });

  it('speaks HTTP/1.1 to a server that knows nothing else', async () => {
    await using server = await serveOldHttps(good, (_request, response) => {
      response.end();
    });
    const options: HttpProbeOptions = { tls: { ca: authority.cert }, timeout };
    const url = `https://127.0.0.1:${server.port}/`;
    expect(await probeHttp(url, options)).toMatchObject({ status: 'ok', facts: { httpVersion: '1.1' } });
    const forced = await probeHttp(url, { ...options, version: '2' });
    expect(forced).toMatchObject({ failureSource: 'target' });
    expect(forced.reason).toMatch(/^(no-http2|tls-failed)$/);
  });

  it('asks by the name of the URL, or another where that is given', async () => {
    expect((await askWith(good, {}, 'www.example')).result).toMatchObject({ status: 'ok' });
    const { result } = await askWith(good, { tls: { serverName: 'www.example' } }, 'elsewhere.example');
    expect(result).toMatchObject({ status: 'ok' });
  });

  it.each([
    ['www.example.', 'www.example'],
    ['WWW.example', 'www.example'],
    ['127.0.0.1', undefined],
  ])('asks %s by the server name %s', async (host, expected) => {
    let asked: string | undefined;
    const SNICallback = (name: string, done: (error: null) => void) => {
      asked = name;
      done(null);
    };
    await using server = await serveHttps({ ...good, SNICallback }, (_request, response) => {
      response.end();
    });
    const resolve = async () => ({ addresses: ['127.0.0.1'] });
    const options: HttpProbeOptions = { tls: { ca: authority.cert }, timeout };
    expect(await probeHttp(`https://${host}:${server.port}/`, options, { resolve })).toMatchObject({ status: 'ok' });
    expect(asked).toBe(expected);
  });

  it('speaks an old version of TLS where that will do', async () => {
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' } as const;
    await using server = await serveOldHttps({ ...good, ...old }, (_request, response) => {
      response.end();
    });
    const url = `https://127.0.0.1:${server.port}/`;
    const ca = authority.cert;
    expect(await probeHttp(url, { tls: { ca, minVersion: 'TLSv1' }, timeout })).toMatchObject({
      status: 'ok',
      facts: { tls: { version: 'TLSv1' } },
    });
    expect(await probeHttp(url, { tls: { ca }, timeout })).toMatchObject({
      failureSource: 'target',
      reason: 'tls-failed',
    });
  });

  it('takes a certificate whose date is none for one that has expired', async () => {
    const certificate = { ...good, cert: withMonth99(good.cert) };
    const { result } = await askWith(certificate, { tls: { verify: false }, minCertificateDays: 1 });
    expect(result).toMatchObject({
      status: 'failed',
      reason: 'certificate-expires-soon',
      facts: { tls: { certificate: { validTo: 0, chainValidTo: 0 } } },
    });
    expect(result.facts.tls?.problems).toContain('certificate-expired');
  });

  it('shows the certificate of the client', async () => {
    const client = await folder.certificate({ altNames: 'DNS:client.example' });
    await using server = await serveHttps(
      { ...good, ca: authority.cert, requestCert: true, rejectUnauthorized: true },
      (_request, response) => {
        response.end();
      },
    );
    const url = `https://127.0.0.1:${server.port}/`;
    const ca = authority.cert;
    expect(await probeHttp(url, { tls: { ca, cert: client.cert, key: client.key }, timeout })).toMatchObject({
      status: 'ok',
    });
    expect(await probeHttp(url, { tls: { ca }, timeout })).toMatchObject({ status: 'failed', failureSource: 'target' });
  });

  it('refuses a key that is another certificate’s', async () => {
    const tls = { cert: good.cert, key: authority.key };
    await expect(probeHttp('https://127.0.0.1/', { tls })).rejects.toThrow(InvalidOptionError);
  });
});

describe('a certificate', () => {
  const bad: readonly [string, string, CertificateRequest][] = [
    ['has expired', 'certificate-expired', { altNames: ALT_NAMES, from: '@2020-01-01 00:00:00' }],
    ['is not valid yet', 'certificate-not-yet-valid', { altNames: ALT_NAMES, from: '+1000d' }],
    ['is for another name', 'certificate-wrong-name', { altNames: 'DNS:other.example' }],
    ['vouches for itself', 'certificate-self-signed', { altNames: ALT_NAMES, selfSigned: true }],
  ];

  it.each(bad)('that %s is told by its own word, and nothing is sent', async (_what, reason, request) => {
    const certificate = await folder.certificate(request);
    const { result, requests } = await askWith(certificate);
    expect(result).toMatchObject({ status: 'failed', failureSource: 'target', reason, address: '127.0.0.1' });
    expect(result.facts).toMatchObject({
      tls: { authorized: false, problems: [reason], certificate: { subject: 'O=Example, CN=server' } },
    });
    expect(result.facts.status).toBeUndefined();
    expect(result.timings.tls).toBeGreaterThan(0);
    expect(requests).toBe(0);
  });

  it.each(bad)('that %s only stands in the facts where it is not verified', async (_what, reason, request) => {
    const certificate = await folder.certificate(request);
    const { result, requests } = await askWith(certificate, { tls: { verify: false } });
    expect(result).toMatchObject({
      status: 'ok',
      facts: { status: 200, tls: { authorized: false, problems: [reason] } },
    });
    expect(requests).toBe(1);
  });

  it('of an authority that nobody knows is not trusted', async () => {
    const other = await CertificateFolder.make();
    await using _folder = other.folder;
    const { result } = await askWith(good, { tls: { ca: other.authority.cert } });
    expect(result).toMatchObject({
      reason: 'certificate-untrusted',
      facts: { tls: { problems: ['certificate-untrusted'] } },
    });
  });

  it('with several faults has all of them told', async () => {
    const certificate = await folder.certificate({
      altNames: 'DNS:other.example',
      from: '@2020-01-01 00:00:00',
      selfSigned: true,
    });
    const { result } = await askWith(certificate);
    expect(result.reason).toMatch(/^certificate-/);
    expect(result.facts.tls?.problems).toEqual(
      expect.arrayContaining(['certificate-expired', 'certificate-wrong-name']),
    );
  });

  it('that expires soon fails early, where that is asked for', async () => {
    const certificate = await folder.certificate({ altNames: ALT_NAMES, days: 10 });
    expect((await askWith(certificate, { minCertificateDays: 9 })).result).toMatchObject({ status: 'ok' });
    const { result } = await askWith(certificate, { minCertificateDays: 11 });
    expect(result).toMatchObject({
      failureSource: 'target',
      reason: 'certificate-expires-soon',
      facts: { status: 200 },
    });
    const { chainValidTo = 0 } = result.facts.tls?.certificate ?? {};
    expect(chainValidTo).toBeLessThan(Date.now() + 11 * DAY);
  });

  it('with a thousand names has the first hundred told', async () => {
    const altNames = ['IP:127.0.0.1', ...Array.from({ length: 999 }, (_, index) => `DNS:n${index}.example`)].join();
    const { result } = await askWith(await folder.certificate({ altNames }));
    expect(result.status).toBe('ok');
    expect(result.facts.tls?.certificate?.altNames).toHaveLength(100);
  });

  it('of a megabyte is not taken', async () => {
    const value = `${'DNS:'}${'x'.repeat(60)}`;
    const names = Array.from({ length: 16_000 }, (_, index) => `${value}${index}`).join();
    const certificate = await folder.bigCertificate(names);
    expect(certificate.cert.length).toBeGreaterThan(1_000_000);
    const { result, requests } = await askWith(certificate);
    expect(result).toMatchObject({ status: 'failed', failureSource: 'target', reason: 'tls-failed' });
    expect(requests).toBe(0);
  });
});

describe('a server that should speak TLS and', () => {
  const ask = async (talk: (socket: Socket) => void, options: HttpProbeOptions = {}) => {
    await using server = await TcpServer.listen(talk);
    const result = await probeHttp(`https://127.0.0.1:${server.port}/`, { timeout, ...options });
    await server.ended(1);
    return result;
  };
  const answering = (talk: (socket: Socket) => void) => (socket: Socket) => {
    hear(socket);
    socket.once('data', () => talk(socket));
  };

  it('never completes it is silence', async () => {
    expect(await ask(hear, { timeout: SOON })).toMatchObject({
      failureSource: 'path',
      reason: 'timeout',
      message: `the agreement on TLS did not come within ${SOON} ms`,
    });
  });

  it('dribbles it has no more time than others', async () => {
    const talk = (socket: Socket): void => {
      hear(socket);
      socket.write(Buffer.from([0x16, 0x03, 0x03, 0x40, 0x00]));
      const timer = setInterval(() => socket.write('\x02'), 5);
      socket.on('close', () => clearInterval(timer));
    };
    expect(await ask(talk, { timeout: SOON })).toMatchObject({ status: 'failed' });
  });

  it('speaks something else', async () => {
    const talk = answering((socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await ask(talk)).toMatchObject({ failureSource: 'target', reason: 'tls-failed' });
  });

  it('answers with an alert', async () => {
    const talk = answering((socket) => socket.write(Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x28])));
    const result = await ask(talk);
    expect(result).toMatchObject({ failureSource: 'target', reason: 'tls-failed' });
    expect(result.message).toMatch(/handshake failure/);
  });

  it('closes', async () => {
    expect(await ask(answering((socket) => socket.end()))).toMatchObject({ failureSource: 'target', reason: 'closed' });
    expect(await ask((socket) => hear(socket.end()))).toMatchObject({ failureSource: 'target', reason: 'closed' });
  });

  it('resets', async () => {
    expect(await ask(answering((socket) => socket.resetAndDestroy()))).toMatchObject({
      failureSource: 'target',
      reason: 'reset',
    });
    expect(await ask((socket) => socket.resetAndDestroy())).toMatchObject({ failureSource: 'target', reason: 'reset' });
  });

  it('speaks only what is too old', async () => {
    await using server = await serveHttps({ ...good, maxVersion: 'TLSv1.2' }, (_request, response) => {
      response.end();
    });
    const url = `https://127.0.0.1:${server.port}/`;
    const ca = authority.cert;
    expect(await probeHttp(url, { tls: { ca }, timeout })).toMatchObject({
      status: 'ok',
      facts: { tls: { version: 'TLSv1.2' } },
    });
    expect(await probeHttp(url, { tls: { ca, minVersion: 'TLSv1.3' }, timeout })).toMatchObject({
      failureSource: 'target',
      reason: 'tls-failed',
    });
  });
});
