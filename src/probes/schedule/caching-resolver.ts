import { isIP } from 'node:net';
import { orAborted, throwIfAborted } from '../../events/index.js';
import { failureOf } from '../failure.js';
import type { AddressFamily, ResolvedHost, ResolveHost } from '../resolve-host.js';

/** How a {@link CachingResolver} keeps what it was told. Milliseconds, but where it says otherwise. */
export interface CachingResolverOptions {
  /** Who is asked. */
  readonly resolve: ResolveHost;
  /** Addresses are kept for no less than this, whatever DNS says. @default 5000 */
  readonly minTtl?: number;
  /** And for no more than this. @default 300000 */
  readonly maxTtl?: number;
  /** For how long a failure is kept where there are no addresses. @default 5000 */
  readonly negativeTtl?: number;
  /** How many names are kept. @default 20000 */
  readonly size?: number;
}

/** Where nobody has told for how long, as with the hosts file: as long as a change of that may go unnoticed. Milliseconds. */
const TTL_UNKNOWN = 30_000;

/** RFC 8767 section 5: an answer may be used for one to three days beyond its time, and is asked for again after 30 seconds. Milliseconds. */
const STALE_FOR = 86_400_000;
const STALE_RETRY = 30_000;

/** RFC 8767 section 5, the client response timer: who has waited this long, in milliseconds, gets the old answer. */
const PATIENCE = 1_800;

/** Longer than any look-up takes, so that one which never ends is not waited for by all who come later. Milliseconds. */
const LONGEST_LOOKUP = 30_000;

/**
 * Keeps the addresses of names for as long as DNS says, within bounds, and asks for each only once however many wait for it. While the resolver
 * is away, the last good addresses go on being used (RFC 8767); the answer that there is no such name ends that.
 */
export class CachingResolver {
  readonly #options: Required<CachingResolverOptions>;
  /** In the order of their last use. */
  readonly #entries = new Map<string, Entry>();

  constructor({
    resolve,
    minTtl = 5_000,
    maxTtl = 300_000,
    negativeTtl = 5_000,
    size = 20_000,
  }: CachingResolverOptions) {
    this.#options = { resolve, minTtl, maxTtl, negativeTtl, size };
  }

  /** How many names it knows. */
  get size(): number {
    return this.#entries.size;
  }

  readonly resolve: ResolveHost = async (host, { family, signal }) => {
    throwIfAborted(signal);
    if (isIP(host) !== 0) return { addresses: [host] };
    const entry = this.#entryOf(`${family} ${host}`);
    const now = performance.now();
    if (now < entry.freshUntil) {
      if (entry.known !== undefined) return entry.known;
      throw entry.error;
    }
    entry.asking ??= this.#ask(host, family, entry);
    const { known } = entry;
    if (known === undefined || now >= entry.staleUntil) return orAborted(entry.asking, signal);
    return orAborted(unlessLate(entry.asking, known), signal);
  };

  async #ask(host: string, family: AddressFamily, entry: Entry): Promise<ResolvedHost> {
    const signal = AbortSignal.timeout(LONGEST_LOOKUP);
    try {
      const found = await orAborted(this.#options.resolve(host, { family, signal }), signal);
      this.#keep(entry, found);
      return found;
    } catch (error) {
      const now = performance.now();
      if (saysThereIsNone(error) || now >= entry.staleUntil) entry.known = undefined;
      entry.error = error;
      entry.freshUntil = now + (entry.known === undefined ? this.#options.negativeTtl : STALE_RETRY);
      if (entry.known !== undefined) return entry.known;
      throw error;
    } finally {
      entry.asking = undefined;
    }
  }

  #keep(entry: Entry, found: ResolvedHost): void {
    const { minTtl, maxTtl } = this.#options;
    const ttl = found.ttl === undefined ? TTL_UNKNOWN : found.ttl * 1_000;
    entry.known = found;
    entry.freshUntil = performance.now() + Math.min(Math.max(ttl, minTtl), maxTtl);
    entry.staleUntil = entry.freshUntil + STALE_FOR;
  }

  #entryOf(key: string): Entry {
    const entry = this.#entries.get(key) ?? new Entry();
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#options.size) break;
      this.#entries.delete(oldest);
    }
    return entry;
  }
}

class Entry {
  known: ResolvedHost | undefined;
  error: unknown;
  freshUntil = Number.NEGATIVE_INFINITY;
  staleUntil = Number.NEGATIVE_INFINITY;
  asking: Promise<ResolvedHost> | undefined;
}

/** The answer, or where it takes too long the one of before. */
async function unlessLate(asking: Promise<ResolvedHost>, known: ResolvedHost): Promise<ResolvedHost> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<ResolvedHost>((resolve) => {
    timer = setTimeout(() => resolve(known), PATIENCE);
  });
  try {
    return await Promise.race([asking, late]);
  } finally {
    clearTimeout(timer);
  }
}

function saysThereIsNone(error: unknown): boolean {
  return failureOf(error)?.reason === 'name-not-found';
}
