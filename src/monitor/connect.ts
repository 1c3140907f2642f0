import { Socket } from 'node:net';

/** What one TCP connect proved. */
export type ConnectOutcome =
  /** Connected, or refused by the host: it was reached. */
  | { readonly kind: 'reached' }
  /** No answer, or a router's word that there is none to be had. */
  | { readonly kind: 'silent'; readonly code: string }
  /** This machine could not even ask, for reasons of its own: no evidence on the network. */
  | { readonly kind: 'no-evidence'; readonly code: string };

/** Tries to connect; resolves with what that proved, and never rejects. */
export type Connect = (target: {
  readonly address: string;
  readonly port: number;
  /** The address to connect from. @default the kernel's choice */
  readonly source?: string | undefined;
  /** Milliseconds. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}) => Promise<ConnectOutcome>;

/** A TCP handshake that is closed as soon as it is made. Does not keep the process alive. */
export const connectTcp: Connect = ({ address, port, source, timeout, signal }) =>
  new Promise((resolve) => {
    const socket = new Socket();
    const settle = (outcome: ConnectOutcome): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      // A late error has nobody left to tell.
      socket.removeAllListeners().on('error', () => {});
      socket.destroy();
      resolve(outcome);
    };
    const onAbort = (): void => settle({ kind: 'no-evidence', code: 'ABORT_ERR' });
    // After a stall of the event loop, timers run before the events that the kernel has kept for us meanwhile: those are heard first.
    const timer = setTimeout(() => setImmediate(() => settle({ kind: 'silent', code: 'ETIMEDOUT' })), timeout);
    timer.unref();
    socket.once('connect', () => settle({ kind: 'reached' }));
    socket.once('error', (error) => settle(outcomeOfError(error)));
    if (signal.aborted) {
      onAbort();
      return;
    }
    signal.addEventListener('abort', onAbort, { once: true });
    socket.connect({ host: address, port, ...(source !== undefined && { localAddress: source }) });
    socket.unref();
  });

/** Failures of this machine's own resources, addresses and policies (connect(2), socket(2)). */
const NO_EVIDENCE: ReadonlySet<string> = new Set([
  'EMFILE',
  'ENFILE',
  'ENOMEM',
  'ENOBUFS',
  'EADDRNOTAVAIL',
  'EADDRINUSE',
  'EPERM',
  'EACCES',
  'EAFNOSUPPORT',
  'EINVAL',
]);

/** What a failed connect proves. */
export function outcomeOfError(error: Error): ConnectOutcome {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'UNKNOWN';
  if (code === 'ECONNREFUSED' || code === 'ECONNRESET') return { kind: 'reached' };
  return NO_EVIDENCE.has(code) ? { kind: 'no-evidence', code } : { kind: 'silent', code };
}
