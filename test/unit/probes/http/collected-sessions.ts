import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { probeHttp } from '../../../../src/probes/http/probe-http.js';
import { TcpServer } from '../tcp/servers.js';
import { frame, numbers, PART_OF_HEADERS, RST_STREAM, WIDE_OPEN } from './frames.js';

// A program of its own, to be started with --expose-gc: where it fails, it is Node.js that ends it.

const PROBES = 8;

interface Attack {
  readonly talk: (socket: Socket) => void;
  /** Of the request, in bytes. */
  readonly bodyLength: number;
  /** Whether the garbage is collected in the very turn in which a probe ends. */
  readonly isCollectedAtOnce: boolean;
}

const ATTACKS: ReadonlyMap<string, Attack> = new Map([
  [
    'breaks-the-rules',
    {
      talk: (socket) => socket.write(Buffer.concat([WIDE_OPEN, PART_OF_HEADERS, frame(RST_STREAM, 0, 1, numbers(8))])),
      bodyLength: 0,
      isCollectedAtOnce: true,
    },
  ],
  [
    'does-not-read',
    {
      // The body stays on its way.
      talk: (socket) => socket.pause().write(Buffer.concat([WIDE_OPEN, PART_OF_HEADERS])),
      bodyLength: 20_000_000,
      isCollectedAtOnce: false,
    },
  ],
]);

const attack = ATTACKS.get(process.argv[2] ?? '');
if (attack === undefined) throw new Error('no such attack');
const { talk, bodyLength, isCollectedAtOnce } = attack;
await using server = await TcpServer.listen((socket) => {
  socket.resume();
  socket.once('data', () => talk(socket));
});
const request = bodyLength === 0 ? {} : { method: 'POST', body: new Uint8Array(bodyLength) };

async function probe(): Promise<void> {
  const enough = new AbortController();
  setTimeout(() => enough.abort(), 300);
  await probeHttp(`http://127.0.0.1:${server.port}/`, { version: '2', ...request }, { signal: enough.signal }).catch(
    () => {},
  );
  if (isCollectedAtOnce) globalThis.gc?.();
}

for (let round = 0; round < 3; round += 1) {
  await Promise.all(Array.from({ length: PROBES }, probe));
  for (let time = 0; time < 6; time += 1) {
    await turn();
    globalThis.gc?.();
  }
}
process.stdout.write('survived');
