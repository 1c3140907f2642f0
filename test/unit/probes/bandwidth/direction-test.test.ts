import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { type DirectionPlan, testDirection } from '../../../../src/probes/bandwidth/direction-test.js';
import type { OpenStream } from '../../../../src/probes/bandwidth/stream.js';

it('counts what came while the event loop stood still, when the time of the test was over before that could be read', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const socket = connect({ host: '127.0.0.1', port: typeof address === 'object' ? (address?.port ?? 0) : 0 });
  const [accepted]: Socket[] = await once(server, 'connection');
  const open: OpenStream = (_bytes, listener) => {
    listener.started(socket);
    listener.progressed(1_000);
    socket.on('data', (chunk) => listener.progressed(1_000 + chunk.length));
    return { destroy: () => void socket.destroy() };
  };
  const plan: DirectionPlan = {
    open,
    streams: 1,
    share: 10_000,
    duration: 100,
    rtt: 0,
    timeout: 1_000,
    arrival: 'here',
    readTcp: () => undefined,
  };
  const { signal } = new AbortController();
  const test = testDirection(plan, { signal, isOver: false, wasOffline: false, towards: () => {} });
  accepted?.write(Buffer.alloc(5_000));
  const until = performance.now() + 200;
  while (performance.now() < until);
  expect(await test).toMatchObject({ verdict: { status: 'ok' }, facts: { bytes: 6_000, endedBy: 'duration' } });
  accepted?.destroy();
  server.close();
});
