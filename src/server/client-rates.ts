/** How often one client may ask. */
export interface RateLimit {
  /** Requests per second in the long run. */
  readonly perSecond: number;
  /** Requests at once. */
  readonly burst: number;
}

interface Bucket {
  tokens: number;
  /** Milliseconds of a monotonic clock. */
  at: number;
}

/** Clients that are remembered. Beyond that the one that was idle the longest is forgotten, and has its burst again. */
const MOST_CLIENTS = 10_000;

/** A token bucket for each client. */
export class ClientRates {
  readonly #limit: RateLimit;
  readonly #now: () => number;
  /** In the order of the last request. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(limit: RateLimit, now: () => number = () => performance.now()) {
    this.#limit = limit;
    this.#now = now;
  }

  /** @returns 0 where the client may ask now, otherwise in how many seconds it may. */
  take(client: string): number {
    const now = this.#now();
    const { perSecond, burst } = this.#limit;
    const { tokens, at } = this.#buckets.get(client) ?? { tokens: burst, at: now };
    const available = Math.min(burst, tokens + ((now - at) / 1_000) * perSecond);
    const isFree = available >= 1;
    this.#buckets.delete(client);
    this.#buckets.set(client, { tokens: isFree ? available - 1 : available, at: now });
    this.#forgetSome();
    return isFree ? 0 : (1 - available) / perSecond;
  }

  #forgetSome(): void {
    if (this.#buckets.size <= MOST_CLIENTS) return;
    const { value } = this.#buckets.keys().next();
    if (value !== undefined) this.#buckets.delete(value);
  }
}
