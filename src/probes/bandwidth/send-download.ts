import type { ServerResponse } from 'node:http';
import type { Lease } from './lease-desk.js';
import { sendRandom } from './random-pool.js';
import type { ReadTcp } from './tcp-tally.js';
import { INTERVAL } from './throughput.js';

/** Sends random bytes, and keeps the lease for as long as the client takes any. */
export function sendDownload(response: ServerResponse, bytes: number, lease: Lease, readTcp: ReadTcp): void {
  const { socket } = response;
  response.writeHead(200, {
    'Content-Type': 'application/octet-stream',
    'Content-Length': bytes,
    // Bytes that a cache has were not measured.
    'Cache-Control': 'no-store',
    Connection: 'close',
  });
  let taken = 0;
  const look = (): void => {
    if (socket === null) return;
    const info = readTcp(socket);
    if (info !== undefined) lease.sent.add(socket, info);
    const now = info?.bytesAcknowledged ?? socket.bytesWritten - socket.writableLength;
    if (now !== taken) lease.touch();
    taken = now;
  };
  const timer = setInterval(look, INTERVAL);
  timer.unref();
  // A short one is over before that.
  response.once('finish', look);
  response.once('close', () => clearInterval(timer));
  sendRandom(response, bytes);
}
