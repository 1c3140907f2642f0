import { connect, type Socket } from 'node:net';

/** Where a connection goes, and what its socket has that routing policy may look at. */
export interface Dial {
  readonly host: string;
  readonly port: number;
  /** The address that the socket is bound to. */
  readonly localAddress?: string;
  /** SO_MARK. */
  readonly mark?: number;
}

/**
 * Connects.
 *
 * @throws what the socket fails with, or the signal's reason.
 */
export async function dial(to: Dial, signal: AbortSignal): Promise<Socket> {
  const open = to.mark === undefined ? openPlain : await openerOfMarked(to.mark);
  return new Promise((resolve, reject) => {
    const socket = open(to);
    const fail = (error: unknown) => {
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      reject(error);
    };
    const onAbort = () => fail(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    // It stays, so that an error which comes later, when nobody listens, harms nobody.
    socket.on('error', fail);
    socket.once('connect', () => {
      signal.removeEventListener('abort', onAbort);
      resolve(socket);
    });
    if (signal.aborted) onAbort();
  });
}

/** Connects, says something and waits for the first line that comes back. */
export async function ask(to: Dial, message: string, signal: AbortSignal): Promise<string> {
  const socket = await dial(to, signal);
  const onAbort = () => socket.destroy(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    socket.write(`${message}\n`);
    return await firstLine(socket);
  } finally {
    signal.removeEventListener('abort', onAbort);
    socket.destroy();
  }
}

function openPlain({ host, port, localAddress }: Dial): Socket {
  return connect({ host, port, ...(localAddress !== undefined && { localAddress }) });
}

async function openerOfMarked(mark: number): Promise<(to: Dial) => Socket> {
  // Only where it is asked for: a sandbox may have no koffi.
  const { openMarkedSocket } = await import('./marked-socket.js');
  return ({ host, port }) => openMarkedSocket(mark).connect({ host, port });
}

async function firstLine(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket) {
    text += String(chunk);
    if (text.includes('\n')) return text.trim();
  }
  throw Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' });
}
