import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runTcpSeries } from '../../../../src/probes/ping/tcp-series.js';

let server: Server;
let port: number;

beforeEach(async () => {
  server = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address: AddressInfo = Object(server.address());
  port = address.port;
});
afterEach(() => {
  server.close();
});

describe('a series of TCP handshakes', () => {
  it('has lost nothing while the process stood still: the kernel has shaken hands meanwhile', async () => {
    const request = { address: '127.0.0.1', port, count: 1, interval: 1, timeout: 10 };
    const running = runTcpSeries(request, new AbortController().signal);
    // After this, timers come before what the kernel tells.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    expect(await running).toMatchObject({ sent: 1, received: 1 });
  });

  it('that is aborted ends at once, and closes what it has opened', async () => {
    const controller = new AbortController();
    const request = { address: '127.0.0.1', port, count: 10, interval: 60_000, timeout: 60_000 };
    const running = runTcpSeries(request, controller.signal);
    await once(server, 'connection');
    controller.abort();
    expect(await running).toMatchObject({ sent: expect.any(Number) });
    expect(await runTcpSeries(request, controller.signal)).toMatchObject({ sent: 0, received: 0 });
    await new Promise((resolve) => server.close(resolve));
  });
});
