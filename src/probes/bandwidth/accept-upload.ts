import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Lease } from './lease-desk.js';
import { refuse, respond } from './respond.js';
import { PROGRESS_TYPE, type UploadProgress } from './wire.js';

/**
 * Counts what arrives and throws it away. Who accepts it is told all the while how much that is, since only the receiver knows: a sender sees
 * what its own kernel took, which may be megabytes more.
 *
 * @param most bytes; whoever sends more is cut off.
 */
export function acceptUpload(request: IncomingMessage, response: ServerResponse, most: number, lease: Lease): void {
  const wantsProgress = request.headers.accept === PROGRESS_TYPE;
  const begun = performance.now();
  let bytes = 0;
  const tell = (): boolean => response.write(`${JSON.stringify({ bytes } satisfies UploadProgress)}\n`);
  if (wantsProgress) {
    response.writeHead(200, { 'Content-Type': PROGRESS_TYPE, Connection: 'close' });
    tell();
    const timer = setInterval(tell, REPORT_INTERVAL);
    timer.unref();
    response.once('close', () => clearInterval(timer));
  }
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    lease.touch();
    if (bytes <= most) return;
    if (response.headersSent) response.destroy();
    else refuse(response, 413, 'that is more than may be uploaded here');
  });
  request.once('end', () => {
    if (response.destroyed || response.writableEnded) return;
    const seconds = (performance.now() - begun) / 1_000;
    if (!wantsProgress) {
      respond(response, 200, { bytes, seconds, bitsPerSecond: (bytes * 8) / seconds });
      return;
    }
    tell();
    response.end();
  });
}

/** Milliseconds. */
const REPORT_INTERVAL = 50;
