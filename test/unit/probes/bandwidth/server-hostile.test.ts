import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Server } from 'node:http';
import { describe, expect, it } from 'vitest';
import { type BandwidthServerOptions, createBandwidthServer } from '../../../../src/probes/bandwidth/index.js';
import { ask, lease, readAll, say } from './raw-client.js';

const listen = (options: BandwidthServerOptions = {}) => createBandwidthServer({ port: 0, ...options });

// What takes a while, and no turn on the link.
describe.concurrent('createBandwidthServer bears', () => {
  it('a head that is too long', async ({ expect }) => {
    await using server = await listen();
    const socket = await say(server.port, `GET /bandwidth_test HTTP/1.1\r\nA: ${'b'.repeat(10_000)}\r\n\r\n`);
    expect(await readAll(socket)).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('a client that takes all day for a head', async ({ expect }) => {
    await using server = await listen();
    const socket = await say(server.port, 'GET /bandwidth_test HTTP/1.1\r\nA: ');
    const drip = setInterval(() => socket.write('b'), 100);
    expect(await readAll(socket)).toMatch(/^HTTP\/1\.1 408 /);
    clearInterval(drip);
  });

  it('a stranger, for a second', async ({ expect }) => {
    await using server = await listen({ allow: ['192.0.2.0/24'] });
    expect(await readAll(await say(server.port, 'GET /'))).toBe('');
  });

  it('no more than 72 connections of one client', async ({ expect }) => {
    await using server = await listen();
    const sockets = await Promise.all(Array.from({ length: 73 }, () => say(server.port, '')));
    await Promise.any(sockets.map((socket) => readAll(socket)));
    expect(sockets.filter((socket) => socket.closed).length).toBe(1);
    for (const socket of sockets) socket.destroy();
  });
});

describe('createBandwidthServer is not confused by', () => {
  it('a body without an end, by not reading it', async () => {
    await using server = await listen();
    const head = 'POST /bandwidth_test/lease HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
    const socket = await say(server.port, head);
    const drip = setInterval(() => socket.write('1\r\nb\r\n'), 10);
    expect(await readAll(socket)).toMatch(/^HTTP\/1\.1 200 /);
    clearInterval(drip);
  });

  it('any number of strangers, and has room for its clients all the while', async () => {
    await using server = await listen({ allow: ['127.0.0.1'] });
    const strangers = Array.from({ length: 300 }, (_, index) => `127.0.1.${(index % 10) + 1}`);
    const sockets = await Promise.all(strangers.map((address) => say(server.port, 'GET /', address)));
    expect((await ask(server.port)).status).toBe(200);
    for (const socket of sockets) socket.destroy();
  });

  it('requests behind another on one connection, which cost the lease nothing', async () => {
    await using server = await listen({ maxBytes: 7 * 2 ** 20 });
    const id = await lease(server.port);
    const request = `GET /bandwidth_test?size=3 HTTP/1.1\r\nHost: a\r\nnetpause-lease: ${id}\r\n\r\n`;
    await readAll(await say(server.port, request.repeat(3)));
    const headers = { 'netpause-lease': id };
    expect((await ask(server.port, { path: '/bandwidth_test?size=4', headers })).body.length).toBe(4 * 2 ** 20);
  });

  it.each([
    ['the absolute form', 'GET http://example.com/bandwidth_test?size=0.01 HTTP/1.1\r\nHost: a', 200],
    ['HTTP/1.0 without a host', 'GET /bandwidth_test?size=0.01 HTTP/1.0\r\nA: b', 200],
    [
      'the wish for another protocol',
      'GET /bandwidth_test?size=0.01 HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x',
      200,
    ],
    ['HEAD', 'HEAD /bandwidth_test HTTP/1.1\r\nHost: a', 405],
    ['OPTIONS', 'OPTIONS /bandwidth_test/lease HTTP/1.1\r\nHost: a', 405],
    ['OPTIONS of everything', 'OPTIONS * HTTP/1.1\r\nHost: a', 404],
    ['no host', 'GET /bandwidth_test HTTP/1.1\r\nA: b', 400],
    ['two lengths', 'POST /bandwidth_test HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2', 400],
    [
      'a length beside chunks',
      'POST /bandwidth_test HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked',
      400,
    ],
    ['a length below nothing', 'POST /bandwidth_test HTTP/1.1\r\nHost: a\r\nContent-Length: -1', 400],
    [
      'a length beyond all counting',
      `POST /bandwidth_test HTTP/1.1\r\nHost: a\r\nContent-Length: ${'9'.repeat(30)}`,
      400,
    ],
    ['another coding than chunks', 'POST /bandwidth_test HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip', 400],
    ['a giant query', `GET /bandwidth_test?size=${'1'.repeat(9_000)} HTTP/1.1\r\nHost: a`, 431],
  ])('%s', async (_, head, status) => {
    await using server = await listen();
    expect(await readAll(await say(server.port, `${head}\r\n\r\n`))).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect((await ask(server.port)).status).toBe(200);
  });

  it.each([
    ['extensions without an end', `1;${'a'.repeat(20_000)}`],
    ['a length that is none', 'x\r\n'],
  ])('chunks with %s', async (_, chunk) => {
    await using server = await listen();
    const head = 'POST /bandwidth_test HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
    expect(await readAll(await say(server.port, `${head}${chunk}`))).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
    expect((await ask(server.port)).status).toBe(200);
  });

  it('a connection that could not be accepted', async () => {
    await using server = await listen();
    const heard = new Promise<Server>((resolve) => {
      const listener = (message: unknown) => {
        const each: unknown = Reflect.get(Object(message), 'server');
        if (!(each instanceof Server)) return;
        const address = each.address();
        if (typeof address !== 'object' || address?.port !== server.port) return;
        unsubscribe('http.server.request.start', listener);
        resolve(each);
      };
      subscribe('http.server.request.start', listener);
    });
    await ask(server.port);
    (await heard).emit('error', Object.assign(new Error('accept ENFILE'), { code: 'ENFILE' }));
    expect((await ask(server.port)).status).toBe(200);
  });
});
