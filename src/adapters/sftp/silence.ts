import type { Duplex } from 'node:stream';
import type { Session } from './session.js';

/** When a server counts as silent. */
export interface Keepalive {
  /** How often it is asked something, in milliseconds; 0 for never. */
  readonly interval: number;
  /** After how many intervals in which nothing at all came it is given up. */
  readonly count: number;
}

/**
 * Ends a session from which nothing at all has come for so long, until it ends otherwise.
 *
 * ssh2 would count its unanswered keepalives. But on a slow link they wait behind what is being sent, and a transfer that gets on would be
 * taken for dead.
 */
export function watchSilence(session: Session, socket: CountingSocket, { interval, count }: Keepalive): void {
  if (interval === 0) return;
  let heard = socket.bytesRead;
  let silentFor = 0;
  const timer = setInterval(() => {
    silentFor = socket.bytesRead === heard ? silentFor + 1 : 0;
    heard = socket.bytesRead;
    if (silentFor > count) session.lose(silence(interval * silentFor));
  }, interval);
  timer.unref();
  socket.once('close', () => clearInterval(timer));
}

function silence(duration: number): Error {
  return Object.assign(new Error(`the server has been silent for ${duration} ms`), { code: 'ETIMEDOUT' });
}

/** A stream that counts what comes in, as the sockets of node:net and node:tls do. */
export type CountingSocket = Duplex & { readonly bytesRead: number };

export function hasCounter(socket: Duplex): socket is CountingSocket {
  return 'bytesRead' in socket && typeof socket.bytesRead === 'number';
}
