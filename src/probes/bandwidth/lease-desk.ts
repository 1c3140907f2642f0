import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { LOOPBACK } from './link-of.js';
import { type LinkTurns, sharedTurns } from './link-turns.js';
import { TcpTally } from './tcp-tally.js';
import { TestQuota } from './test-quota.js';

/** What a client may have under one lease. */
export interface LeaseLimits {
  /** Bytes, both directions together. */
  readonly maxBytes: number;
  /** Milliseconds. */
  readonly maxDuration: number;
  /** Milliseconds without a byte moved. */
  readonly leaseTimeout: number;
}

/** The right of one client to test over one link, until it gives it back, lets it expire, or its time is over. */
export class Lease {
  readonly id = randomBytes(18).toString('base64url');
  /** What this host's kernel told of what was sent under it. */
  readonly sent = new TcpTally();
  readonly client: string;
  readonly link: string;
  readonly #limits: LeaseLimits;
  readonly #onEnd: () => void;
  readonly #responses = new Set<ServerResponse>();
  readonly #deadline: number;
  readonly #timer: NodeJS.Timeout;
  #touchedAt = performance.now();
  #left: number;

  constructor(client: string, link: string, limits: LeaseLimits, onEnd: () => void) {
    this.client = client;
    this.link = link;
    this.#limits = limits;
    this.#onEnd = onEnd;
    this.#left = limits.maxBytes;
    this.#deadline = performance.now() + limits.maxDuration;
    const interval = Math.min(limits.leaseTimeout / 4, limits.maxDuration / 4, LONGEST_LOOK);
    this.#timer = setInterval(() => this.#look(), interval);
    this.#timer.unref();
  }

  /** Bytes have been moved. */
  touch(): void {
    this.#touchedAt = performance.now();
  }

  /** Milliseconds until it ends, unless bytes are moved meanwhile. */
  get remaining(): number {
    const idle = this.#touchedAt + this.#limits.leaseTimeout;
    return Math.max(Math.min(idle, this.#deadline) - performance.now(), 0);
  }

  /** How many bytes may be moved under it still. */
  get left(): number {
    return this.#left;
  }

  /** Takes bytes off what is left. */
  spend(bytes: number): void {
    this.#left = Math.max(this.#left - bytes, 0);
  }

  /** What ends with the lease, and its connection too. */
  hold(response: ServerResponse): void {
    this.touch();
    this.#responses.add(response);
    response.once('close', () => this.#responses.delete(response));
  }

  end(): void {
    clearInterval(this.#timer);
    this.#onEnd();
    for (const response of this.#responses) response.destroy();
  }

  #look(): void {
    if (this.remaining === 0) this.end();
  }
}

/** Milliseconds. */
const LONGEST_LOOK = 1_000;

export type LeaseAnswer =
  | { readonly lease: Lease }
  | {
      /** Milliseconds until it is worth asking again. */
      readonly retryAfter: number;
      readonly reason: 'busy' | 'too-many-tests';
    };

/** Gives out leases: one at a time on each link, and to each client so many a minute. */
export class LeaseDesk {
  readonly #limits: LeaseLimits;
  readonly #quota: TestQuota;
  readonly #turns: LinkTurns;
  readonly #leases = new Map<string, Lease>();

  /** @param turns who else uses the links: by default, the tests that this process makes itself. */
  constructor(limits: LeaseLimits, testsPerMinute: number, turns: LinkTurns = sharedTurns()) {
    this.#limits = limits;
    this.#quota = new TestQuota(testsPerMinute);
    this.#turns = turns;
  }

  ask(client: string, link: string): LeaseAnswer {
    const now = performance.now();
    const wait = this.#quota.waitFor(client, now);
    if (wait > 0) return { retryAfter: wait, reason: 'too-many-tests' };
    // A process that tests itself has the turn on its loopback interface as a client already.
    const turn = link === LOOPBACK ? `${LOOPBACK}, served` : link;
    const release = this.#turns.tryTake(turn, this.#limits.maxDuration + LONGEST_LOOK);
    if (typeof release === 'number') {
      // How long a test of this process's own takes, nobody knows.
      return { retryAfter: this.#leaseOn(turn)?.remaining ?? Math.min(release, LONGEST_LOOK), reason: 'busy' };
    }
    this.#quota.count(client, now);
    const lease = new Lease(client, turn, this.#limits, () => {
      this.#leases.delete(lease.id);
      release();
    });
    this.#leases.set(lease.id, lease);
    return { lease };
  }

  #leaseOn(link: string): Lease | undefined {
    return [...this.#leases.values()].find((lease) => lease.link === link);
  }

  /** The lease of that name, where it is the client's own. */
  find(id: string, client: string): Lease | undefined {
    const lease = this.#leases.get(id);
    return lease?.client === client ? lease : undefined;
  }

  /** Ends all leases, and all connections under them. */
  close(): void {
    for (const lease of [...this.#leases.values()]) lease.end();
  }
}
