import type { Duplex } from 'node:stream';
import type { SFTPWrapper } from 'ssh2';
import type SftpClient from 'ssh2-sftp-client';
import { ConnectionLostError } from './connection-lost-error.js';

/** How a request is answered: ssh2's callbacks. */
export type Answer<Value> = (error: Error | null | undefined, value: Value) => void;

/** What a session is made of. */
export interface SessionParts {
  readonly client: SftpClient;
  readonly sftp: SFTPWrapper;
  readonly socket: Duplex;
}

/**
 * One connection to a server, with one SFTP channel in it, from when it is ready to its end.
 *
 * ssh2 leaves requests unanswered on a connection that is silent, and on a channel that is closed; here each ends when the session does.
 */
export class Session {
  readonly client: SftpClient;
  readonly #sftp: SFTPWrapper;
  readonly #socket: Duplex;
  readonly #pending = new Set<(reason: unknown) => void>();
  /** Resolves when its socket is closed, whoever ended it. */
  readonly ended: Promise<void>;
  #lost: ConnectionLostError | undefined;

  constructor({ client, sftp, socket }: SessionParts) {
    this.client = client;
    this.#sftp = sftp;
    this.#socket = socket;
    client.on('error', (error) => this.lose(error));
    client.on('end', () => this.lose());
    // The channel can end by itself: its program at the server was killed, or said something that makes no sense.
    sftp.on('error', (error: Error) => this.lose(error)).on('end', () => this.lose());
    this.ended = new Promise((resolve) => {
      const end = (): void => {
        this.lose();
        resolve();
      };
      if (socket.destroyed) end();
      else socket.once('close', end);
    });
  }

  /** Why it can be used no more; undefined while it can. */
  get lost(): ConnectionLostError | undefined {
    return this.#lost;
  }

  /**
   * Sends a request, and waits for its answer.
   *
   * @throws the server's status, or {@link ConnectionLostError}.
   */
  request<Value>(send: (sftp: SFTPWrapper, answer: Answer<Value>) => void): Promise<Value> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    return new Promise((resolve, reject) => {
      this.#pending.add(reject);
      send(this.#sftp, (error, value) => {
        this.#pending.delete(reject);
        if (!error) resolve(value);
        else if (isStatus(error)) reject(error);
        else reject(this.lose(error));
      });
    });
  }

  /** Ends at once, without a word to the server, who may be out of reach. */
  destroy(): void {
    this.#socket.destroy();
    this.lose();
  }

  /** Takes leave of the server and ends. Resolves when the socket is closed. */
  async end(): Promise<void> {
    if (this.#lost !== undefined) return this.ended;
    const timer = setTimeout(() => this.#socket.destroy(), FAREWELL);
    // Once the words are out nothing is waited for: a server may keep its end open as long as it likes.
    this.#socket.once('finish', () => this.#socket.destroy());
    this.client.end().catch(() => {});
    await this.ended;
    clearTimeout(timer);
  }

  /** It can be used no more: whoever waits for an answer hears of it. The first reason counts. */
  lose(cause?: unknown): ConnectionLostError {
    if (this.#lost !== undefined) return this.#lost;
    const lost = new ConnectionLostError(cause);
    this.#lost = lost;
    this.#socket.destroy();
    for (const reject of this.#pending) reject(lost);
    this.#pending.clear();
    return lost;
  }
}

/** Milliseconds until the words of farewell must be out, which a dead link never takes. */
const FAREWELL = 250;

/** A status of the server, save those by which a client library says that there was no answer (draft-ietf-secsh-filexfer-02, section 7). */
function isStatus(error: Error): boolean {
  return (
    'code' in error && typeof error.code === 'number' && error.code !== NO_CONNECTION && error.code !== CONNECTION_LOST
  );
}

const NO_CONNECTION = 6;
const CONNECTION_LOST = 7;
