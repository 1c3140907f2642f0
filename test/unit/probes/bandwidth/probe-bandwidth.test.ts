import { once } from 'node:events';
import type { RequestListener, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type BandwidthProbeOptions,
  type BandwidthServer,
  createBandwidthServer,
  probeBandwidth,
} from '../../../../src/probes/bandwidth/index.js';
import { sharedTurns } from '../../../../src/probes/bandwidth/link-turns.js';
import { FakeMonitor } from '../fake-monitor.js';
import { DelayingPath } from './delaying-path.js';
import { HttpServer, withLease } from './http-server.js';
import { ask, lease } from './raw-client.js';

const MEGABYTE = 2 ** 20;
const TOKEN = 'a-secret-of-many-letters';
const { signal } = new AbortController();

afterEach(() => {
  // Whatever became of a test, its turn is given back.
  const release = sharedTurns().tryTake('lo', 1_000);
  expect(release).toBeTypeOf('function');
  if (typeof release === 'function') release();
});

describe('probeBandwidth against a server of its own kind', () => {
  let server: BandwidthServer;
  let target: string;

  beforeEach(async () => {
    server = await createBandwidthServer({ port: 0, testsPerMinute: 1_000, maxBytes: 2 ** 50 });
    target = `127.0.0.1:${server.port}`;
  });
  afterEach(() => server.close());

  it('measures both ways, and says how', async () => {
    const result = await probeBandwidth(target, { maxBytes: 20 * MEGABYTE, duration: 10_000 });
    expect(result).toMatchObject({
      probe: 'bandwidth',
      target,
      status: 'ok',
      address: '127.0.0.1',
      samples: [expect.any(Number)],
      facts: {
        link: 'lo',
        download: { bytes: 20 * MEGABYTE, streams: 1, endedBy: 'bytes' },
        upload: { bytes: 20 * MEGABYTE, streams: 1, endedBy: 'bytes' },
      },
    });
    expect(Object.keys(result.timings)).toEqual(['connect', 'turn', 'lease', 'download', 'upload']);
    for (const facts of [result.facts.download, result.facts.upload]) {
      const { bitsPerSecondOverall = 0, seconds = 0 } = facts ?? {};
      expect(bitsPerSecondOverall).toBe(Math.round((20 * MEGABYTE * 8) / seconds));
    }
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  });

  it('ends when its time is over', async () => {
    const { status, facts } = await probeBandwidth(`http://${target}`, { maxBytes: 2 ** 45, duration: 300 });
    expect(status).toBe('ok');
    for (const direction of [facts.download, facts.upload]) {
      expect(direction).toMatchObject({ endedBy: 'duration' });
      expect(direction?.intervals.length).toBeGreaterThanOrEqual(1);
      expect(direction?.bytes).toBeGreaterThan(MEGABYTE);
    }
  });

  it('has the numbers of the kernel that sends, of this host or the server', async () => {
    const { facts } = await probeBandwidth(target, { maxBytes: MEGABYTE });
    for (const direction of [facts.download, facts.upload]) {
      expect(direction?.tcp).toMatchObject({ retransmits: expect.any(Number), mss: expect.any(Number) });
      expect(direction?.tcp?.rtt?.mean).toBeGreaterThan(0);
      expect(direction?.tcp?.congestionWindow).toBeGreaterThan(0);
    }
  });

  it('divides the bytes among several streams, and never takes more', async () => {
    const options = { streams: 4, maxBytes: 17 * MEGABYTE, duration: 10_000 };
    const { status, facts } = await probeBandwidth(target, options);
    expect(status).toBe('ok');
    for (const direction of [facts.download, facts.upload]) {
      expect(direction).toMatchObject({ streams: 4, endedBy: 'bytes' });
      expect(direction?.bytes).toBeGreaterThanOrEqual(4 * MEGABYTE);
      expect(direction?.bytes).toBeLessThanOrEqual(16 * MEGABYTE);
    }
  });

  it('takes one direction where one is asked for', async () => {
    const { facts } = await probeBandwidth(target, { direction: 'upload', maxBytes: MEGABYTE });
    expect(facts.upload).toMatchObject({ bytes: MEGABYTE });
    expect(facts).not.toHaveProperty('download');
  });

  it('makes do with what the server allows', async () => {
    await using small = await createBandwidthServer({ port: 0, maxBytes: 7 * MEGABYTE });
    const { facts } = await probeBandwidth(`127.0.0.1:${small.port}`, { duration: 10_000 });
    expect([facts.download?.bytes, facts.upload?.bytes]).toEqual([3 * MEGABYTE, 3 * MEGABYTE]);
    const none = await probeBandwidth(`127.0.0.1:${small.port}`, { streams: 8 });
    expect(none).toMatchObject({ status: 'failed', failureSource: 'target', reason: 'too-little' });
  });

  it('gives the lease back, so that the next may come at once', async () => {
    for (let round = 0; round < 3; round += 1) {
      expect(await probeBandwidth(target, { maxBytes: MEGABYTE })).toMatchObject({ status: 'ok' });
    }
    expect((await ask(server.port)).status).toBe(200);
  });

  it('waits for a server that is busy with somebody else', async () => {
    await using busy = await createBandwidthServer({ port: 0, leaseTimeout: 500 });
    await lease(busy.port);
    const result = await probeBandwidth(`127.0.0.1:${busy.port}`, { maxBytes: MEGABYTE });
    expect(result.status).toBe('ok');
    expect(result.timings.turn).toBeGreaterThan(500);
    expect(result.facts).not.toHaveProperty('retryAfter');
  });

  it('says nothing of one that is so for too long', async () => {
    await lease(server.port);
    const result = await probeBandwidth(target, { duration: 200, timeout: 1_000 });
    expect(result).toMatchObject({ status: 'inconclusive', failureSource: 'target', reason: 'busy' });
    expect(result.facts.retryAfter).toBeGreaterThanOrEqual(1_000);
    expect(result.facts).not.toHaveProperty('download');
  });

  it('says nothing of a server that has had enough of this client', async () => {
    await using strict = await createBandwidthServer({ port: 0, testsPerMinute: 1 });
    const at = `127.0.0.1:${strict.port}`;
    expect(await probeBandwidth(at, { maxBytes: MEGABYTE })).toMatchObject({ status: 'ok' });
    expect(await probeBandwidth(at)).toMatchObject({
      status: 'inconclusive',
      failureSource: 'target',
      reason: 'busy',
      message: expect.stringContaining('enough tests of this client'),
    });
  });

  it('runs one test at a time, in the order of asking', async () => {
    const order: string[] = [];
    const probes = ['a', 'b', 'c'].map(async (name) => {
      const { status } = await probeBandwidth(target, { maxBytes: 5 * MEGABYTE, duration: 2_000 });
      order.push(`${name} ${status}`);
    });
    await Promise.all(probes);
    expect(order).toEqual(['a ok', 'b ok', 'c ok']);
  });

  it('does not wait for its turn so long that no time is left for it', async () => {
    const release = await sharedTurns().take('lo', 60_000, signal);
    const result = await probeBandwidth(target, { duration: 200, timeout: 600 });
    expect(result).toMatchObject({ status: 'inconclusive', failureSource: 'local', reason: 'busy' });
    release();
  });

  it('is told by the name, and finds the address', async () => {
    const asked: string[] = [];
    const resolve = async (host: string) => {
      asked.push(host);
      return { addresses: ['127.0.0.1'] };
    };
    const result = await probeBandwidth(
      `http://bandwidth.example:${server.port}/`,
      { maxBytes: MEGABYTE },
      { resolve },
    );
    expect(result).toMatchObject({ status: 'ok', address: '127.0.0.1', timings: { resolve: expect.any(Number) } });
    expect(asked).toEqual(['bandwidth.example']);
  });

  it('shows its token, and never tells it', async () => {
    await using closed = await createBandwidthServer({ port: 0, token: TOKEN });
    const at = `127.0.0.1:${closed.port}`;
    expect(await probeBandwidth(at, { token: TOKEN, maxBytes: MEGABYTE })).toMatchObject({ status: 'ok' });
    for (const options of [{}, { token: `${TOKEN}-another` }]) {
      const result = await probeBandwidth(at, options);
      expect(result).toMatchObject({ status: 'failed', failureSource: 'target', reason: 'unauthorized' });
      expect(JSON.stringify(result)).not.toContain(TOKEN);
    }
  });

  it('is refused where it is not allowed', async () => {
    await using closed = await createBandwidthServer({ port: 0, allow: ['192.0.2.0/24'] });
    const result = await probeBandwidth(`127.0.0.1:${closed.port}`);
    expect(result).toMatchObject({ status: 'failed', failureSource: 'target', reason: 'forbidden' });
  });

  it('ends when the server is closed in the middle', async () => {
    const probe = probeBandwidth(target, { direction: 'download', maxBytes: 2 ** 40, duration: 20_000 });
    await until(async () => (await ask(server.port)).status === 503);
    await server.close();
    expect(await probe).toMatchObject({ status: 'failed', failureSource: 'target', reason: 'reset' });
  });

  it.each(['download', 'upload'] as const)('ends a %s when the caller aborts', async (direction) => {
    const controller = new AbortController();
    const options = { direction, maxBytes: 2 ** 40, duration: 20_000 };
    const probe = probeBandwidth(target, options, { signal: controller.signal });
    await until(async () => (await ask(server.port)).status === 503);
    controller.abort(new Error('enough'));
    await expect(probe).rejects.toThrow('enough');
  });

  it('says nothing where this host was offline in the middle, even if all goes on', async () => {
    const monitor = new FakeMonitor();
    const probe = probeBandwidth(target, { maxBytes: 2 ** 40, duration: 20_000 }, { monitor });
    await until(async () => (await ask(server.port)).status === 503);
    monitor.become('down', 'no-carrier');
    monitor.become('up', 'reachable');
    const result = await probe;
    expect(result).toMatchObject({
      status: 'inconclusive',
      failureSource: 'local',
      reason: 'offline',
      offline: 'no-carrier',
    });
    expect(monitor.listeners).toBe(0);
  });
});

describe('probeBandwidth against others', () => {
  const download: BandwidthProbeOptions = { direction: 'download', duration: 5_000 };
  /** What is silent is so to the end. */
  const optionsFor = (reason: string) => ({ ...download, duration: reason === 'stalled' ? 2_000 : 5_000 });

  it('downloads from a plain server that knows no leases, as much as that gives', async () => {
    await using server = await HttpServer.start((request, response) => {
      const url = new URL(request.url ?? '/', 'http://localhost');
      if (request.method !== 'GET' || url.pathname !== '/bandwidth_test') {
        response.writeHead(404).end();
        return;
      }
      const body = Buffer.alloc(Math.min(Number(url.searchParams.get('size')), 10) * MEGABYTE, '0');
      response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': body.length });
      response.end(body);
    });
    const { status, facts } = await probeBandwidth(server.target, { direction: 'download' });
    expect(server.asked).toEqual(['POST /bandwidth_test/lease', 'GET /bandwidth_test?size=256']);
    expect({ status, facts }).toMatchObject({
      status: 'ok',
      facts: { download: { bytes: 10 * MEGABYTE, endedBy: 'bytes' } },
    });
    expect(facts.download).not.toHaveProperty('tcp');
    const upload = await probeBandwidth(server.target, { direction: 'upload' });
    expect(upload).toMatchObject({ status: 'failed', failureSource: 'target', reason: 'unexpected-status' });
  });

  it('has the target to blame for a closed port', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const target = targetOf(server);
    server.close();
    await once(server, 'close');
    expect(await probeBandwidth(target)).toMatchObject({
      status: 'failed',
      failureSource: 'target',
      reason: 'refused',
    });
  });

  it.each([
    ['silence', '', 'path', 'timeout'],
    ['what is no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n', 'target', 'protocol-error'],
    ['a head without an end', `HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(10_000)}`, 'target', 'protocol-error'],
    ['a body without an end', `HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(100_000)}`, 'target', 'too-much'],
    ['what is no lease', 'HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n<html></html>\r\n', 'target', 'protocol-error'],
    ['a lease of nonsense', 'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"lease":1}', 'target', 'protocol-error'],
    ['a broken answer', 'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"l', 'target', 'reset'],
    ['an error', 'HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n', 'target', 'unexpected-status'],
    ['another protocol', 'HTTP/1.1 101 Go\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n', 'target', 'unexpected-status'],
    [
      'what is packed',
      'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b',
      'target',
      'protocol-error',
    ],
    ['another place', 'HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n', 'target', 'unexpected-status'],
    ['no time', 'HTTP/1.1 503 Busy\r\nRetry-After: never\r\nContent-Length: 0\r\n\r\n', 'target', 'busy'],
  ])('bears %s in the place of a lease', async (what, answer, failureSource, reason) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => (what === 'silence' ? undefined : socket.end(answer)));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const result = await probeBandwidth(targetOf(server), { ...download, duration: 300, timeout: 400 });
    expect(result).toMatchObject({ failureSource, reason });
    server.close();
    await once(server, 'close');
  });

  const OCTETS = { 'Content-Type': 'application/octet-stream' };

  it.each<[what: string, answer: (response: ServerResponse) => void, source: string, reason: string]>([
    ['silence', () => {}, 'path', 'stalled'],
    ['a page', (response) => response.end('<html>'), 'target', 'protocol-error'],
    [
      'nothing',
      (response) => response.writeHead(200, { ...OCTETS, 'Content-Length': 0 }).end(),
      'target',
      'protocol-error',
    ],
    [
      'more than was asked for',
      (response) => response.writeHead(200, { ...OCTETS, 'Content-Length': 2 ** 40 }).write('x'),
      'target',
      'too-much',
    ],
    [
      'more than was announced',
      (response) =>
        response.socket?.write(
          `HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 2\r\n\r\nabc`,
        ),
      'target',
      'too-much',
    ],
    [
      'a stop in the middle',
      (response) => response.writeHead(200, { ...OCTETS, 'Content-Length': MEGABYTE }).write(Buffer.alloc(1_000)),
      'path',
      'stalled',
    ],
    [
      'an end in the middle',
      (response) => {
        response.writeHead(200, { ...OCTETS, 'Content-Length': MEGABYTE }).write(Buffer.alloc(1_000));
        response.socket?.end();
      },
      'target',
      'reset',
    ],
    [
      'a reset in the middle',
      (response) => {
        response.writeHead(200, { ...OCTETS, 'Content-Length': MEGABYTE });
        response.write(Buffer.alloc(1_000), () => response.socket?.resetAndDestroy());
      },
      'target',
      'reset',
    ],
    ['a refusal', (response) => response.writeHead(409).end(), 'target', 'unexpected-status'],
    [
      'another protocol',
      (response) => response.socket?.write('HTTP/1.1 101 Go\r\n\r\n'),
      'target',
      'unexpected-status',
    ],
    ['another place', (response) => response.writeHead(302, { Location: '/' }).end(), 'target', 'unexpected-status'],
    [
      'a head without an end',
      (response) => response.socket?.write(`HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(10_000)}`),
      'target',
      'protocol-error',
    ],
    ['chunks', (response) => response.writeHead(200, OCTETS).write('x'), 'target', 'protocol-error'],
  ])('bears %s in the place of a download', async (_, answer, failureSource, reason) => {
    await using server = await HttpServer.start(withLease((_request, response) => answer(response)));
    const result = await probeBandwidth(server.target, optionsFor(reason));
    expect(result).toMatchObject({ status: 'failed', failureSource, reason });
    await until(() => server.connections === 0);
  });

  it('lets others of this process go first while a server is busy', async () => {
    await using busy = await HttpServer.start((_request, response) => {
      response.writeHead(503, { 'Retry-After': '5' }).end();
    });
    await using free = await createBandwidthServer({ port: 0 });
    const controller = new AbortController();
    const waiting = probeBandwidth(busy.target, {}, { signal: controller.signal });
    await until(() => busy.asked.length === 1);
    expect(await probeBandwidth(`127.0.0.1:${free.port}`, { maxBytes: MEGABYTE })).toMatchObject({ status: 'ok' });
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });

  it('does not ask a busy server again when too little time would be left for the test', async () => {
    await using server = await HttpServer.start((_request, response) => {
      response.writeHead(503, { 'Retry-After': '1' }).end();
    });
    vi.spyOn(Math, 'random').mockReturnValueOnce(0);
    const result = await probeBandwidth(server.target, { direction: 'upload', duration: 400, timeout: 1_500 });
    expect(result).toMatchObject({ status: 'inconclusive', reason: 'busy', facts: { retryAfter: 1_000 } });
    expect(server.asked.length).toBe(1);
  });

  it('asks for no lease where this host was offline while it waited', async () => {
    await using server = await HttpServer.start(withLease((_request, response) => response.end()));
    const monitor = new FakeMonitor();
    const release = await sharedTurns().take('lo', 60_000, signal);
    const probe = probeBandwidth(server.target, download, { monitor });
    await until(() => server.accepted === 1);
    monitor.become('down', 'no-carrier');
    monitor.become('up', 'reachable');
    release();
    expect(await probe).toMatchObject({ status: 'inconclusive', failureSource: 'local', reason: 'offline' });
    expect(server.asked).toEqual([]);
  });

  it.each<[what: string, grant: object]>([
    ['bytes', { maxBytes: 1_000 }],
    ['time', { maxDuration: 50 }],
    ['time at all', { maxDuration: 0 }],
  ])('says of a server that allows no %s that it is too little', async (_, grant) => {
    await using server = await HttpServer.start(withLease((_request, response) => response.end(), grant));
    const result = await probeBandwidth(server.target, download);
    expect(result).toMatchObject({ status: 'failed', failureSource: 'target', reason: 'too-little' });
  });

  it.each(['download', 'upload'] as const)(
    'waits for the first byte of a %s longer than a short test takes',
    async (direction) => {
      await using there = await createBandwidthServer({ port: 0 });
      // As a path with a round trip of 120 ms.
      await using path = await DelayingPath.start(there.port, 120);
      const result = await probeBandwidth(path.target, { direction, duration: 100 });
      expect(result).toMatchObject({ status: 'ok', facts: { [direction]: { endedBy: 'duration' } } });
      expect(result.facts[direction]?.bytes).toBeGreaterThan(0);
    },
  );

  it('sends nothing to whom it does not know to count it', async () => {
    let bytes = 0;
    await using server = await HttpServer.start((request, response) => {
      request.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      const isUpload = request.url === '/bandwidth_test';
      response.writeHead(isUpload ? 200 : 404, { 'Content-Type': 'text/plain' }).write('welcome');
      if (!isUpload) response.end();
    });
    const result = await probeBandwidth(server.target, { direction: 'upload' });
    expect(result).toMatchObject({ status: 'failed', failureSource: 'target', reason: 'protocol-error' });
    await until(() => server.connections === 0);
    expect(bytes).toBe(0);
  });

  it('measures a slow server as it is', async () => {
    await using server = await HttpServer.start(
      withLease((_request, response) => {
        response.writeHead(200, { ...OCTETS, 'Content-Length': MEGABYTE });
        const drip = setInterval(() => response.write(Buffer.alloc(1_000)), 20);
        response.once('close', () => clearInterval(drip));
      }),
    );
    const { status, facts } = await probeBandwidth(server.target, { ...download, duration: 400 });
    expect({ status, facts }).toMatchObject({ status: 'ok', facts: { download: { endedBy: 'duration' } } });
    expect(facts.download?.bytes).toBeGreaterThan(0);
    expect(facts.download?.bytes).toBeLessThan(100_000);
  });

  it.each<[what: string, lines: (sent: number) => readonly string[], source: string, reason: string]>([
    ['reports of more than was sent', () => ['{"bytes":1000000000000}'], 'target', 'false-report'],
    ['reports of less than before', (sent) => [`{"bytes":${sent}}`, '{"bytes":0}'], 'target', 'false-report'],
    ['reports of nonsense', () => ['{"bytes":"many"}'], 'target', 'protocol-error'],
    ['no JSON', () => ['<html>'], 'target', 'protocol-error'],
    ['reports that stop', () => ['{"bytes":0}'], 'path', 'stalled'],
    ['reports without an end', () => ['x'.repeat(300_000)], 'target', 'too-much'],
  ])('bears %s in the place of those of an upload', async (_, lines, failureSource, reason) => {
    await using server = await HttpServer.start(
      withLease((request, response) => {
        response.writeHead(200, { 'Content-Type': 'application/x-ndjson' });
        response.flushHeaders();
        request.once('data', (chunk: Buffer) => {
          request.resume();
          const [first = '', ...others] = lines(chunk.length);
          response.write(`${first}\n`);
          // By itself, in a packet of its own.
          setTimeout(() => response.write(others.map((line) => `${line}\n`).join('')), 50);
        });
      }),
    );
    const result = await probeBandwidth(server.target, { ...optionsFor(reason), direction: 'upload' });
    expect(result).toMatchObject({ status: 'failed', failureSource, reason });
    await until(() => server.connections === 0);
  });

  it('bears an upload that is ended early, and one that is refused', async () => {
    const answers = [
      (response: ServerResponse) =>
        response.writeHead(200, { 'Content-Type': 'application/x-ndjson' }).end('{"bytes":0}\n'),
      (response: ServerResponse) => response.writeHead(413).end(),
    ];
    await using server = await HttpServer.start(withLease((_request, response) => answers.shift()?.(response)));
    const options = { ...download, direction: 'upload' } as const;
    expect(await probeBandwidth(server.target, options)).toMatchObject({ failureSource: 'target', reason: 'reset' });
    expect(await probeBandwidth(server.target, options)).toMatchObject({ reason: 'unexpected-status' });
  });
});

describe('probeBandwidth leaves nothing behind when the caller aborts', () => {
  const silent: RequestListener = () => {};
  const bytesFor: RequestListener = (_request, response) => {
    response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': MEGABYTE });
    response.end(Buffer.alloc(MEGABYTE));
  };

  it.each<[stage: string, listener: RequestListener, reached: (asked: readonly string[]) => boolean]>([
    ['it waits for a lease', silent, (asked) => asked.length === 1],
    ['it waits to ask again', (_request, response) => response.writeHead(503).end(), (asked) => asked.length === 1],
    ['it waits for the head of a download', withLease(silent), (asked) => asked.length === 2],
    [
      'it gives the lease back',
      (request, response) => (request.method === 'DELETE' ? undefined : withLease(bytesFor)(request, response)),
      (asked) => asked.at(-1)?.startsWith('DELETE') === true,
    ],
  ])('while %s', async (_, listener, reached) => {
    await using server = await HttpServer.start(listener);
    const before = timers();
    const controller = new AbortController();
    const monitor = new FakeMonitor();
    const options = { direction: 'download', maxBytes: MEGABYTE } as const;
    const probe = probeBandwidth(server.target, options, { signal: controller.signal, monitor });
    await until(() => reached(server.asked));
    controller.abort(new Error('enough'));
    await expect(probe).rejects.toThrow('enough');
    expect(monitor.listeners).toBe(0);
    await until(() => server.connections === 0);
    // Some of those before belonged to others, and may be over.
    expect(timers()).toBeLessThanOrEqual(before);
  });

  it('while it waits for a name, and for its turn', async () => {
    const controller = new AbortController();
    const resolve = () => new Promise<never>(() => {});
    const named = probeBandwidth('bandwidth.example:1', {}, { signal: controller.signal, resolve });
    await using server = await HttpServer.start(silent);
    const release = await sharedTurns().take('lo', 60_000, signal);
    const queued = probeBandwidth(server.target, {}, { signal: controller.signal });
    await until(() => server.accepted === 1);
    controller.abort(new Error('enough'));
    await expect(named).rejects.toThrow('enough');
    await expect(queued).rejects.toThrow('enough');
    release();
    expect(server.asked).toEqual([]);
  });
});

describe('the options of probeBandwidth', () => {
  it.each<[BandwidthProbeOptions, string]>([
    [{ duration: 99 }, 'duration'],
    [{ maxBytes: 1_000 }, 'maxBytes'],
    [{ maxBytes: 4 * MEGABYTE, streams: 5 }, 'maxBytes'],
    [{ streams: 33 }, 'streams'],
    [{ duration: 1_000, timeout: 2_000 }, 'timeout'],
    [{ family: 6, source: '127.0.0.1' }, 'source'],
  ])('refuse %o', async (options, name) => {
    await expect(probeBandwidth('127.0.0.1:1', options)).rejects.toMatchObject({ option: `probeBandwidth: ${name}` });
  });

  it.each([
    '127.0.0.1',
    'https://example.com:1',
    'http://example.com/path',
    'http://example.com:1?size=1',
    'ftp://example.com',
    'http://user:secret@example.com:1',
    '',
  ])('refuse the target %s', async (target) => {
    const refusal = probeBandwidth(target);
    await expect(refusal).rejects.toMatchObject({ option: 'probeBandwidth: target' });
    await expect(refusal).rejects.not.toThrow('secret');
  });

  it('never show a token', async () => {
    const refusal = probeBandwidth('127.0.0.1:1', { token: 'secret' });
    await expect(refusal).rejects.toMatchObject({ option: 'probeBandwidth: token', value: 'not shown here' });
  });
});

function targetOf(server: Server): string {
  const address = server.address();
  return `127.0.0.1:${typeof address === 'object' ? address?.port : undefined}`;
}

function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}
