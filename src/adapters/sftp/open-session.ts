import { EventEmitter } from 'node:events';
import { connect as connectSocket, type LookupFunction, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type SftpClient from 'ssh2-sftp-client';
import { linkSignals, onAbort, orAborted, throwIfAborted } from '../../events/index.js';
import { loadCommonJsPeer } from '../shared/load-peer.js';
import { ConnectionLostError } from './connection-lost-error.js';
import { hostKeyCheck } from './host-key.js';
import type { HostKeyError } from './host-key-error.js';
import { Session } from './session.js';
import type { ConnectionSettings } from './settings.js';
import { hasCounter, watchSilence } from './silence.js';

/**
 * Connects, checks the server's key, logs in and opens the SFTP channel.
 *
 * @throws the signal's reason when aborted; `MissingPackageError`; `HostKeyError`; the socket's error; what ssh2 says where the server has refused
 * something; `ConnectionLostError` where the connection ended or fell silent on the way.
 */
export async function openSession(
  settings: ConnectionSettings,
  lookup: LookupFunction,
  signal: AbortSignal,
): Promise<Session> {
  const Client = await loadCommonJsPeer('ssh2-sftp-client', 'netpause/sftp', () => import('ssh2-sftp-client'));
  const { config, host, port } = settings;
  const check = await hostKeyCheck(settings.hostKey, host, port);
  throwIfAborted(signal);
  const socket = await openSocket(settings, lookup, signal);
  const client = new Client('netpause', SILENT);
  expectMany(client);
  const opening = new Opening(client);
  const release = whenAborted(signal, () => socket.destroy());
  const timer = setTimeout(() => socket.destroy(tooSlow(settings.readyTimeout)), settings.readyTimeout);
  try {
    let refusal: HostKeyError | undefined;
    const sftp = await client
      .connect({
        ...config,
        sock: socket,
        // Where all that comes in is counted, `watchSilence` judges by it; ssh2 only has to ask the server something.
        keepaliveInterval: settings.keepalive.interval,
        keepaliveCountMax: hasCounter(socket) ? Number.MAX_SAFE_INTEGER : settings.keepalive.count,
        algorithms: { ...(check?.serverHostKey && { serverHostKey: check.serverHostKey }), ...config.algorithms },
        ...(check && {
          // The key itself is wanted, and no hash of ssh2's.
          hostHash: 'none',
          hostVerifier(key: Buffer): boolean {
            refusal = check.refuse(key);
            return refusal === undefined;
          },
        }),
      })
      .catch((error: unknown) => {
        throw refusal ?? opening.errorFor(error);
      });
    const session = new Session({ client, sftp, socket });
    if (hasCounter(socket)) watchSilence(session, socket, settings.keepalive);
    return session;
  } catch (error) {
    socket.destroy();
    throwIfAborted(signal);
    throw error;
  } finally {
    clearTimeout(timer);
    release();
  }
}

function whenAborted(signal: AbortSignal, act: () => void): () => void {
  if (!signal.aborted) return onAbort(signal, act);
  act();
  return () => {};
}

/** ssh2-sftp-client would write to the console. What it says is heard by listeners of our own. */
const SILENT: SftpClient.Callbacks = { error() {}, end() {}, close() {} };

/** Our own socket, so that it can be destroyed and watched at any time; ssh2's can not while it connects. */
async function openSocket(settings: ConnectionSettings, lookup: LookupFunction, signal: AbortSignal): Promise<Duplex> {
  const { openSocket: open, host, port, config, readyTimeout } = settings;
  if (open !== undefined) return givenSocket(async () => open(), readyTimeout, signal);
  const { localAddress, localPort, forceIPv4, forceIPv6 } = config;
  const family = forceIPv4 === forceIPv6 ? undefined : forceIPv4 ? 4 : 6;
  const socket: Socket = connectSocket({
    host,
    port,
    lookup,
    ...(localAddress !== undefined && { localAddress }),
    ...(localPort !== undefined && { localPort }),
    ...(family !== undefined && { family }),
  });
  // Requests are small and wait for their answers: Nagle's algorithm would hold them back.
  return socket.setNoDelay(true);
}

async function givenSocket(open: () => Promise<Duplex>, limit: number, signal: AbortSignal): Promise<Duplex> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(tooSlow(limit)), limit);
  const linked = linkSignals(signal, late.signal);
  const opening = open();
  try {
    return await orAborted(opening, linked.signal);
  } catch (error) {
    // It may come when nobody waits for it any more.
    opening.then(
      (socket) => socket.destroy(),
      () => {},
    );
    throw error;
  } finally {
    clearTimeout(timer);
    linked.release();
  }
}

/** ssh2-sftp-client hangs three listeners of its own on ssh2's client for each call that is under way, and any number may share a session. */
function expectMany(client: SftpClient): void {
  const connection: unknown = Reflect.get(client, 'client');
  if (connection instanceof EventEmitter) connection.setMaxListeners(0);
}

/** ssh2 stops its own clock when the login is through, and a server may still fall silent before the SFTP channel is there. */
function tooSlow(limit: number): Error {
  return Object.assign(new Error(`the session was not ready within ${limit} ms`), { code: 'ETIMEDOUT' });
}

/** What is heard of a connection on its way to being ready. ssh2-sftp-client tells less than ssh2 does, and this is ssh2's own. */
class Opening {
  #error: (Error & { readonly level?: string; readonly code?: unknown }) | undefined;
  #isAuthenticating = false;

  constructor(client: SftpClient) {
    client.on('error', (error: Error) => {
      this.#error ??= error;
    });
    client.on('handshake', () => {
      this.#isAuthenticating = true;
    });
    client.on('ready', () => {
      this.#isAuthenticating = false;
    });
  }

  /** @param thrown by ssh2-sftp-client: what is wrong with the configuration, or an echo of what was heard. */
  errorFor(thrown: unknown): unknown {
    const error = this.#error;
    if (error === undefined) return isEcho(thrown) ? new ConnectionLostError(thrown) : thrown;
    // The socket's error, by its code.
    if (error.level === 'client-socket') return error;
    if (error.level !== undefined) return REFUSALS.has(error.level) ? error : new ConnectionLostError(error);
    // A message of disconnection, with its reason as a number. Who is told off while logging in is not to knock again.
    return this.#isAuthenticating && error.code !== TOO_MANY_CONNECTIONS ? error : new ConnectionLostError(error);
  }
}

/** Where in ssh2 an error comes from, if that is a decision of one of the two sides. */
const REFUSALS: ReadonlySet<string> = new Set(['agent', 'client-authentication', 'handshake']);

/** RFC 4253, section 11.1. */
const TOO_MANY_CONNECTIONS = 12;

/**
 * What ssh2-sftp-client says where it has no error of ssh2's with a code: "Unexpected end event", or that there is no SFTP channel to be had, as
 * where the server ends in this moment.
 */
function isEcho(thrown: unknown): boolean {
  return typeof thrown === 'object' && thrown !== null && 'code' in thrown && thrown.code === 'ERR_GENERIC_CLIENT';
}
