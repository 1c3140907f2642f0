/** The shape of the waits between attempts that are spent: p-retry's options of the same names. */
export interface Backoff {
  readonly minTimeout: number;
  readonly maxTimeout: number;
  readonly factor: number;
  readonly randomize: boolean;
}

/**
 * How long to wait after a failure, in milliseconds: `minTimeout × factor ** retriesConsumed`, times a random number from 1 to 2 where
 * `randomize` says so, and never more than `maxTimeout`. The formula is p-retry's (`calculateDelay` of its index.js), to the rounding.
 *
 * A server that named a delay by Retry-After is given that long at least, up to `maxTimeout`.
 */
export function backoffDelay(retriesConsumed: number, backoff: Backoff, retryAfter = 0): number {
  const random = backoff.randomize ? Math.random() + 1 : 1;
  // A factor of 0 would make every delay but the first vanish; p-retry reads it as 1.
  const factor = backoff.factor > 0 ? backoff.factor : 1;
  const delay = Math.round(random * backoff.minTimeout * factor ** retriesConsumed);
  // 0 × Infinity is no number: with a minTimeout of 0 there is no delay, however many retries have gone by.
  return Math.min(Math.max(Number.isNaN(delay) ? 0 : delay, retryAfter), backoff.maxTimeout);
}
