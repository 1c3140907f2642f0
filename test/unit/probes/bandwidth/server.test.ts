import { once } from 'node:events';
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type BandwidthServer,
  type BandwidthServerOptions,
  createBandwidthHandler,
  createBandwidthServer,
} from '../../../../src/probes/bandwidth/index.js';
import { ask, lease, readAll, say } from './raw-client.js';

const MEGABYTE = 2 ** 20;
const TOKEN = 'a-secret-of-many-letters';

describe('createBandwidthServer', () => {
  let server: BandwidthServer | undefined;

  const start = async (options: BandwidthServerOptions = {}): Promise<number> => {
    server = await createBandwidthServer({ port: 0, testsPerMinute: 1_000, ...options });
    return server.port;
  };
  afterEach(() => server?.close());

  describe('to a plain HTTP client', () => {
    it('sends as many megabytes as are asked for: random bytes, which nothing compresses', async () => {
      const port = await start();
      const { status, headers, body } = await ask(port, { path: '/bandwidth_test?size=2' });
      expect(status).toBe(200);
      expect(headers).toMatchObject({
        'content-length': `${2 * MEGABYTE}`,
        'content-type': 'application/octet-stream',
      });
      expect(body.length).toBe(2 * MEGABYTE);
      expect(gzipSync(body.subarray(0, MEGABYTE)).length).toBeGreaterThan(MEGABYTE);
    });

    it.each([
      ['', MEGABYTE],
      ['?size=0.5', MEGABYTE / 2],
      ['?size=99', 2 * MEGABYTE],
    ])('sends for "%s" %d bytes: 1 MB by default, and at most what a plain client may have', async (query, length) => {
      const port = await start({ maxSize: 2 });
      expect((await ask(port, { path: `/bandwidth_test${query}` })).body.length).toBe(length);
    });

    it.each(['?size=0', '?size=-1', '?size=x', '?size=', '?size=1e9', '?size=0.0000001'])(
      'refuses %s',
      async (query) => {
        const port = await start();
        expect((await ask(port, { path: `/bandwidth_test${query}` })).status).toBe(400);
        expect((await ask(port)).status).toBe(200);
      },
    );

    it('says how fast an upload was', async () => {
      const port = await start();
      const { status, body } = await ask(port, { method: 'POST', body: Buffer.alloc(100_000) });
      const { bytes, seconds, bitsPerSecond } = JSON.parse(body.toString());
      expect([status, bytes]).toEqual([200, 100_000]);
      expect(bitsPerSecond).toBeCloseTo(800_000 / seconds);
    });

    it('takes no upload that is too long, whether that is announced or not', async () => {
      const port = await start({ maxSize: 1 });
      const announced = await say(
        port,
        `POST /bandwidth_test HTTP/1.1\r\nHost: a\r\nContent-Length: ${MEGABYTE + 1}\r\n\r\n`,
      );
      expect(await readAll(announced)).toMatch(/^HTTP\/1\.1 413 /);
      const chunked = await say(port, 'POST /bandwidth_test HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
      const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
      for (let sent = 0; sent <= 16; sent += 1) chunked.write(chunk);
      chunked.write('0\r\n\r\n');
      expect(await readAll(chunked)).toMatch(/^(HTTP\/1\.1 413 |$)/);
      expect((await ask(port)).status).toBe(200);
    });

    it('says what else there is not', async () => {
      const port = await start();
      expect((await ask(port, { path: '/' })).status).toBe(404);
      expect((await ask(port, { path: '//' })).status).toBe(404);
      const deleted = await ask(port, { method: 'DELETE' });
      expect([deleted.status, deleted.headers.allow]).toEqual([405, 'GET, POST']);
      expect((await ask(port, { path: '/bandwidth_test/lease' })).status).toBe(405);
    });
  });

  describe('serves', () => {
    it('this host alone, unless it is told otherwise', async () => {
      await start();
      expect(server?.host).toBe('127.0.0.1');
      const handler = createBandwidthHandler();
      expect(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'].map((address) => handler.allows(address))).toEqual([
        true,
        true,
        true,
        true,
      ]);
      expect(['192.0.2.1', '10.0.0.1', '::ffff:192.0.2.1', 'fe80::1', ''].some((each) => handler.allows(each))).toBe(
        false,
      );
      handler.close();
    });

    it('whom it is told to, by address and by network', () => {
      const handler = createBandwidthHandler({ allow: ['192.0.2.0/24', '2001:db8::/32', '198.51.100.7'] });
      const allowed = ['192.0.2.200', '::ffff:192.0.2.1', '::FFFF:192.0.2.1', '2001:db8:1::1', '198.51.100.7'];
      expect(allowed.filter((address) => !handler.allows(address))).toEqual([]);
      const others = [
        '192.0.3.1',
        '2001:db9::1',
        '198.51.100.8',
        '127.0.0.1',
        '::1',
        '::192.0.2.1',
        '64:ff9b::192.0.2.1',
      ];
      expect(others.filter((address) => handler.allows(address))).toEqual([]);
      handler.close();
    });

    it('nobody else: neither bytes nor leases', async () => {
      const port = await start({ allow: ['192.0.2.0/24'] });
      for (const path of ['/bandwidth_test', '/bandwidth_test/lease']) {
        for (const method of ['GET', 'POST', 'DELETE']) expect((await ask(port, { path, method })).status).toBe(403);
      }
    });

    it('whom the connection comes from, whatever is said of others', async () => {
      const port = await start({ allow: ['192.0.2.0/24'] });
      const headers = { 'X-Forwarded-For': '192.0.2.1', Forwarded: 'for=192.0.2.1', 'X-Real-IP': '192.0.2.1' };
      expect((await ask(port, { headers })).status).toBe(403);
    });

    it('those with the token, and does not say what was wrong with another', async () => {
      const port = await start({ token: TOKEN });
      const authorized = (authorization: string) => ask(port, { headers: { authorization } });
      expect((await authorized(`Bearer ${TOKEN}`)).status).toBe(200);
      for (const wrong of ['Bearer', `Bearer ${TOKEN}x`, `Basic ${TOKEN}`, `Bearer ${TOKEN.slice(1)}`, TOKEN]) {
        const { status, headers, body } = await authorized(wrong);
        expect([status, headers['www-authenticate'], body.toString()]).toEqual([
          401,
          'Bearer',
          '{"error":"the right token is needed"}',
        ]);
      }
      expect((await ask(port)).status).toBe(401);
      expect((await ask(port, { path: `/bandwidth_test?token=${TOKEN}` })).status).toBe(401);
    });
  });

  describe('gives out leases', () => {
    const leased = (id: string) => ({ 'netpause-lease': id });

    it('one at a time, and says when to ask again', async () => {
      const port = await start({ leaseTimeout: 30_000 });
      const id = await lease(port);
      for (const question of [{ method: 'POST', path: '/bandwidth_test/lease' }, {}, { method: 'POST' }]) {
        const { status, headers } = await ask(port, question);
        expect(status).toBe(503);
        expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1);
        expect(Number(headers['retry-after'])).toBeLessThanOrEqual(30);
      }
      const returned = await ask(port, { method: 'DELETE', path: '/bandwidth_test/lease', headers: leased(id) });
      expect(returned.status).toBe(200);
      expect((await ask(port)).status).toBe(200);
    });

    it('under which more may be had than without, but no more than all', async () => {
      const port = await start({ maxSize: 1, maxBytes: 5 * MEGABYTE });
      const headers = leased(await lease(port));
      const download = () => ask(port, { path: '/bandwidth_test?size=3', headers });
      expect((await download()).body.length).toBe(3 * MEGABYTE);
      expect((await download()).body.length).toBe(2 * MEGABYTE);
      expect((await download()).status).toBe(429);
      expect((await ask(port, { method: 'POST', headers, body: Buffer.alloc(1) })).status).toBe(413);
    });

    it('that are worth nothing to another client, and when they are given back', async () => {
      const port = await start();
      const id = await lease(port);
      expect((await ask(port, { headers: leased(id), localAddress: '127.0.0.9' })).status).toBe(409);
      expect((await ask(port, { headers: leased('another') })).status).toBe(409);
      expect((await ask(port, { headers: leased(id) })).status).toBe(200);
      const giveBack = () => ask(port, { method: 'DELETE', path: '/bandwidth_test/lease', headers: leased(id) });
      expect((await giveBack()).status).toBe(200);
      expect((await giveBack()).status).toBe(409);
      expect((await ask(port, { headers: leased(id) })).status).toBe(409);
    });

    it('that expire where nothing is moved, whether the client is silent, reads nothing or sends nothing', async () => {
      const port = await start({ leaseTimeout: 200, maxSize: 100 });
      await lease(port);
      await untilFree(port);
      const reader = await say(port, 'GET /bandwidth_test?size=100 HTTP/1.1\r\nHost: a\r\n\r\n');
      await once(reader, 'readable');
      await untilFree(port);
      const sender = await say(port, 'POST /bandwidth_test HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n');
      expect(await readAll(sender)).toBe('');
      await untilFree(port);
      reader.destroy();
    });

    it('that end after their time, however busy the client is', async () => {
      const port = await start({ maxDuration: 1_000, leaseTimeout: 60_000 });
      const id = await lease(port);
      const path = '/bandwidth_test/lease';
      const isGone = async () => {
        // Each bit that is moved keeps a lease from expiring, but not from ending.
        const { status } = await ask(port, { path: '/bandwidth_test?size=0.01', headers: leased(id) });
        return status === 409;
      };
      while (!(await isGone()));
      expect((await ask(port, { method: 'POST', path })).status).toBe(200);
    });

    it('so many a minute to each client', async () => {
      const port = await start({ testsPerMinute: 2 });
      expect((await ask(port)).status).toBe(200);
      expect((await ask(port)).status).toBe(200);
      const { status, headers } = await ask(port);
      expect(status).toBe(429);
      expect(Number(headers['retry-after'])).toBeGreaterThan(50);
      expect((await ask(port, { localAddress: '127.0.0.9' })).status).toBe(200);
    });
  });

  it('leaves nothing behind when it is closed in the middle of everything', async () => {
    const port = await start({ maxSize: 1_000 });
    const reading = await say(port, 'GET /bandwidth_test?size=1000 HTTP/1.1\r\nHost: a\r\n\r\n');
    const idle = await say(port, '');
    await once(reading, 'readable');
    await Promise.all([server?.close(), server?.close()]);
    await Promise.all([readAll(reading), readAll(idle)]);
    await server?.close();
    // The turn on the loopback interface is free again.
    expect((await ask(await start())).status).toBe(200);
  });

  it('says why it cannot listen', async () => {
    const port = await start();
    await expect(createBandwidthServer({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it.each([
    [{ port: 65_536 }, 'port'],
    [{ host: 'localhost' }, 'host'],
    [{ allow: ['10.0.0.0/33'] }, 'allow'],
    [{ allow: ['example.com'] }, 'allow'],
    [{ maxBytes: 1 }, 'maxBytes'],
    [{ token: 'short' }, 'token'],
    [{ testsPerMinute: 0 }, 'testsPerMinute'],
  ])('refuses %o', async (options, name) => {
    await expect(createBandwidthServer(options)).rejects.toMatchObject({
      code: 'ERR_NETPAUSE_INVALID_OPTION',
      option: `createBandwidthServer: ${name}`,
    });
  });

  it('never shows a token, not even a wrong one', async () => {
    const refusal = createBandwidthServer({ token: `${TOKEN} with spaces` });
    await expect(refusal).rejects.toThrow('not shown here');
    await expect(refusal).rejects.not.toThrow(TOKEN);
  });
});

describe('createBandwidthHandler', () => {
  it('answers in a server of the caller, and leaves everything else alone', async () => {
    const handler = createBandwidthHandler();
    const server = createServer((request, response) => {
      if (!handler.handle(request, response)) response.end('mine');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    expect((await ask(port)).body.length).toBe(MEGABYTE);
    expect((await ask(port, { path: '/health' })).body.toString()).toBe('mine');
    handler.close();
    expect((await ask(port)).status).toBe(503);
    server.close();
  });
});

/** As it is when the lease of whoever came before has expired. */
async function untilFree(port: number): Promise<void> {
  let status = 503;
  while (status === 503) ({ status } = await ask(port, { path: '/bandwidth_test?size=0.01' }));
  expect(status).toBe(200);
}
