import { AttemptTimeoutError, NetworkDownError } from '../../errors/index.js';
import { orAborted, throwIfAborted } from '../../events/index.js';
import { rememberingLookup } from '../shared/remembering-lookup.js';
import { ConnectionLostError } from './connection-lost-error.js';
import { asTransferFailure } from './final-failure.js';
import { openSession } from './open-session.js';
import type { Session } from './session.js';
import type { ConnectionSettings } from './settings.js';

/** One session, from the wish for it to its end, and how many use it. */
interface Tenancy {
  readonly session: Promise<Session>;
  readonly opening: AbortController;
  /** The session, when it is open. */
  opened: Session | undefined;
  users: number;
}

/**
 * The session of everybody who needs one: opened by the first, shared by all who come while it is there, and ended with the last, or a while
 * after.
 */
export class Sessions {
  readonly #connection: ConnectionSettings;
  readonly #idleTimeout: number;
  /** It may be the resolver that is lost, and only when a session is needed. */
  readonly #lookup = rememberingLookup();
  /** The one that newcomers get. */
  #current: Tenancy | undefined;
  #holders = 0;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(connection: ConnectionSettings, idleTimeout: number) {
    this.#connection = connection;
    this.#idleTimeout = idleTimeout;
  }

  /**
   * Has an attempt work in a session.
   *
   * @param work is waited for, so it has to end with the signal and with the session.
   * @throws what the opening fails with, prepared for the retryer; `ConnectionLostError` where the session was lost under the work; otherwise
   * what the work throws.
   */
  async use<Value>(signal: AbortSignal, work: (session: Session) => Promise<Value>): Promise<Value> {
    throwIfAborted(signal);
    const tenancy = this.#enter();
    try {
      const session = await orAborted(tenancy.session, signal);
      return await work(session).catch((error: unknown) => {
        throwIfAborted(signal);
        // An error of its own for each, since the retryer tells the history of a call by the error that it ended with.
        throw session.lost === undefined ? error : new ConnectionLostError(session.lost.cause);
      });
    } finally {
      // A connection under which the network was lost, or that took too long, is not to be met again.
      if (isLoss(signal)) this.#retire(tenancy);
      await this.#leave(tenancy, signal);
    }
  }

  /** Has the session stay while nobody uses it for a moment, until the returned function is called; that resolves when it has ended, if it is to end. */
  hold(): () => Promise<void> {
    this.#holders += 1;
    return async () => {
      this.#holders -= 1;
      if (this.#current?.users === 0) await this.#dismiss(this.#current);
    };
  }

  /** Ends what nobody uses. */
  async close(): Promise<void> {
    clearTimeout(this.#idleTimer);
    if (this.#current?.users === 0) await this.#end(this.#current);
  }

  #enter(): Tenancy {
    clearTimeout(this.#idleTimer);
    // It may have been lost while nobody used it.
    if (this.#current?.opened?.lost !== undefined) this.#retire(this.#current);
    this.#current ??= this.#open();
    this.#current.users += 1;
    return this.#current;
  }

  #open(): Tenancy {
    const opening = new AbortController();
    const session = openSession(this.#connection, this.#lookup, opening.signal).catch((error: unknown) => {
      throw opening.signal.aborted ? error : asTransferFailure(error);
    });
    const tenancy: Tenancy = { session, opening, opened: undefined, users: 0 };
    session.then(
      (opened) => {
        tenancy.opened = opened;
      },
      // Who comes after a failure gets another one; and perhaps nobody waits for it any more.
      () => this.#retire(tenancy),
    );
    return tenancy;
  }

  async #leave(tenancy: Tenancy, signal: AbortSignal): Promise<void> {
    tenancy.users -= 1;
    if (tenancy.users > 0) return;
    if (this.#current !== tenancy || signal.aborted) return this.#destroy(tenancy);
    await this.#dismiss(tenancy);
  }

  /** Nobody uses it any more; somebody may again. */
  async #dismiss(tenancy: Tenancy): Promise<void> {
    if (this.#holders > 0) return;
    if (this.#idleTimeout === 0) return this.#end(tenancy);
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(() => void this.#end(tenancy), this.#idleTimeout);
  }

  /** Newcomers do not get it; those who use it do until they leave. */
  #retire(tenancy: Tenancy): void {
    if (this.#current === tenancy) this.#current = undefined;
  }

  async #destroy(tenancy: Tenancy): Promise<void> {
    this.#retire(tenancy);
    tenancy.opening.abort();
    const session = await tenancy.session.catch(() => undefined);
    session?.destroy();
    await session?.ended;
  }

  async #end(tenancy: Tenancy): Promise<void> {
    this.#retire(tenancy);
    const session = await tenancy.session.catch(() => undefined);
    await session?.end();
  }
}

/** Whether an attempt was ended because something is wrong with what it worked by, and not because nobody wants it any more. */
export function isLoss({ aborted, reason }: AbortSignal): boolean {
  return aborted && (reason instanceof NetworkDownError || reason instanceof AttemptTimeoutError);
}
