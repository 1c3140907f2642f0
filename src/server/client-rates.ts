import { isIP } from 'node:net';

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

/** A token bucket for each client. Clients with IPv6 addresses of one /64 are one: whoever has one address there has them all (RFC 6177). */
export class ClientRates {
  readonly #limit: RateLimit;
  readonly #now: () => number;
  /** In the order of the last request. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(limit: RateLimit, now: () => number = () => performance.now()) {
    this.#limit = limit;
    this.#now = now;
  }

  /**
   * @param address the client's IP address.
   * @returns 0 where the client may ask now, otherwise in how many seconds it may.
   */
  take(address: string): number {
    const client = clientOf(address);
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

function clientOf(address: string): string {
  if (isIP(address) !== 6 || /^::ffff:\d+\./i.test(address)) return address;
  const [plain = ''] = address.split('%');
  const [head = '', tail] = plain.split('::');
  const groups = head.split(':').filter(Boolean);
  const rest = tail?.split(':').filter(Boolean) ?? [];
  const zeros = Array.from({ length: 8 - groups.length - rest.length }, () => '0');
  return `${[...groups, ...zeros, ...rest].slice(0, 4).join(':')}::/64`;
}
