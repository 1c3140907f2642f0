import { onAbort } from '../../events/index.js';
import type { Operation } from '../../retry/index.js';

/** An attempt that somebody else makes. Only the first word about its outcome counts. */
export interface DrivenAttempt {
  /** Aborts when the attempt has to end. */
  readonly signal: AbortSignal;
  succeed(): void;
  fail(error: unknown): void;
}

/**
 * A call of the Retryer turned inside out, for a client that makes its attempts itself and can only be asked to wait: `next` grants an attempt when
 * there is a way, and after a failure `goesOn` says whether the Retryer goes on.
 */
export class DrivenCall {
  readonly #ended = new AbortController();
  #granted = pending<DrivenAttempt>();

  /** @param run begins the call, to be ended by the signal. */
  constructor(run: (operation: Operation<void>, signal: AbortSignal) => Promise<void>) {
    run((_attemptNumber, { signal }) => this.#grant(signal), this.#ended.signal).then(
      () => this.#granted.reject(new Error('the call is over')),
      (error) => this.#granted.reject(error),
    );
  }

  /** @throws what the call ended with. */
  async next(): Promise<DrivenAttempt> {
    const attempt = await this.#granted.promise;
    this.#granted = pending();
    return attempt;
  }

  /** Whether there is another attempt to make; known when it may begin, or the call is over. */
  async goesOn(): Promise<boolean> {
    return this.#granted.promise.then(
      () => true,
      () => false,
    );
  }

  /** Nobody will make another attempt, and the one that is under way does not count any more. */
  end(): void {
    this.#ended.abort();
  }

  #grant(signal: AbortSignal): Promise<void> {
    return new Promise((succeed, fail) => {
      this.#granted.resolve({ signal, succeed, fail });
      // Whoever makes it may have gone.
      onAbort(this.#ended.signal, () => fail(this.#ended.signal.reason));
    });
  }
}

interface Pending<Value> {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
  readonly reject: (error: unknown) => void;
}

/** A promise to be settled from outside. Nobody may be waiting when it is rejected. */
function pending<Value>(): Pending<Value> {
  let settlers: Pick<Pending<Value>, 'resolve' | 'reject'> = { resolve() {}, reject() {} };
  const promise = new Promise<Value>((resolve, reject) => {
    settlers = { resolve, reject };
  });
  promise.catch(() => {});
  return { promise, ...settlers };
}
