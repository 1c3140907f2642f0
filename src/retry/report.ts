import type { NetworkReason } from '../state/index.js';

/** One attempt that failed. */
export interface AttemptReport {
  /** Counted from 1, as p-retry counts: an attempt that an outage cost has the same number as its repetition. */
  readonly number: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Milliseconds. */
  readonly duration: number;
  /** What it failed with. */
  readonly error: unknown;
  /** Whether it counted against `retries`; false where an outage was to blame. */
  readonly spent: boolean;
  /** Whether it was made although the network was said to be down. */
  readonly isTrial: boolean;
}

/** One outage, as the call met it: from its pause to its resumption. */
export interface OutageReport {
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Milliseconds. */
  readonly duration: number;
  /** Why the network was down, as far as the source said. */
  readonly reason: NetworkReason | undefined;
}

/** What a call went through before it failed. */
export interface RetryReport {
  /** The failed attempts, oldest first: the first 20 and the last 20. */
  readonly attempts: readonly AttemptReport[];
  /** How many attempts are left out in the middle of `attempts`. */
  readonly attemptsOmitted: number;
  /** The outages, oldest first: the first 20 and the last 20. */
  readonly outages: readonly OutageReport[];
  /** How many outages are left out in the middle of `outages`. */
  readonly outagesOmitted: number;
}

/**
 * The history behind a rejection: every failed attempt and every outage of the call that it came from.
 *
 * `undefined` for what did not come from here, and for a reason to abort that is not an object. Where one error object ended several calls,
 * such as the reason of a shared signal, it is the history of the last.
 *
 * @example
 * ```
 * try {
 *   await retryer.run(upload);
 * } catch (error) {
 *   const report = retryReport(error);
 *   log.error(error, `gave up after ${report?.attempts.length} attempts and ${report?.outages.length} outages`);
 * }
 * ```
 */
export function retryReport(error: unknown): RetryReport | undefined {
  return isKey(error) ? histories.get(error)?.report() : undefined;
}

/** What a call goes through, as it happens. */
export class History {
  readonly #attempts = new Ends<AttemptReport>();
  readonly #outages = new Ends<OutageReport>();

  addAttempt(attempt: AttemptReport): void {
    this.#attempts.add(Object.freeze(attempt));
  }

  addOutage(outage: OutageReport): void {
    this.#outages.add(Object.freeze(outage));
  }

  /** Makes it the history behind an error. The error itself is left as it is: it may be frozen, and it is the operation's. */
  explain(error: unknown): void {
    if (isKey(error)) histories.set(error, this);
  }

  report(): RetryReport {
    return Object.freeze({
      attempts: this.#attempts.kept,
      attemptsOmitted: this.#attempts.omitted,
      outages: this.#outages.kept,
      outagesOmitted: this.#outages.omitted,
    });
  }
}

/** The first and the last of a list without end. */
class Ends<Item> {
  readonly #first: Item[] = [];
  readonly #last: Item[] = [];
  omitted = 0;

  add(item: Item): void {
    if (this.#first.length < KEPT) {
      this.#first.push(item);
      return;
    }
    this.#last.push(item);
    if (this.#last.length <= KEPT) return;
    this.#last.shift();
    this.omitted += 1;
  }

  get kept(): readonly Item[] {
    return Object.freeze([...this.#first, ...this.#last]);
  }
}

/** At each end. How it began and how it ended is what a reader wants; and an endless retry must not fill the memory. */
const KEPT = 20;

const histories = new WeakMap<object, History>();

function isKey(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
