import { describe, it } from 'vitest';
import { type BandwidthServerOptions, createBandwidthServer } from '../../../../src/probes/bandwidth/index.js';
import { readAll, say } from './raw-client.js';

describe.concurrent('createBandwidthServer bears', () => {
  const listen = (options: BandwidthServerOptions = {}) => createBandwidthServer({ port: 0, ...options });

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

  it('a body without an end, by not reading it', async ({ expect }) => {
    await using server = await listen();
    const head = 'POST /bandwidth_test/lease HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
    const socket = await say(server.port, head);
    const drip = setInterval(() => socket.write('1\r\nb\r\n'), 10);
    expect(await readAll(socket)).toMatch(/^HTTP\/1\.1 200 /);
    clearInterval(drip);
  });

  it('a stranger, for a second', async ({ expect }) => {
    await using server = await listen({ allow: ['192.0.2.0/24'] });
    expect(await readAll(await say(server.port, 'GET /'))).toBe('');
  });

  it('no more than 40 connections of one client', async ({ expect }) => {
    await using server = await listen();
    const sockets = await Promise.all(Array.from({ length: 41 }, () => say(server.port, '')));
    await Promise.any(sockets.map((socket) => readAll(socket)));
    expect(sockets.filter((socket) => socket.closed).length).toBe(1);
    for (const socket of sockets) socket.destroy();
  });
});
