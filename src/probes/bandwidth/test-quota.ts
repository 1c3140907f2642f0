/** How many tests each client has begun within a minute. */
export class TestQuota {
  readonly #perMinute: number;
  /** When, by client; the client that has waited longest comes first. */
  readonly #begun = new Map<string, readonly number[]>();

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /** @returns in how many milliseconds it may begin another; 0 for now. */
  waitFor(client: string, now: number): number {
    const recent = this.#recent(client, now);
    const oldest = recent.at(-this.#perMinute);
    return oldest === undefined ? 0 : oldest + MINUTE - now;
  }

  /** Counts one. */
  count(client: string, now: number): void {
    const recent = this.#recent(client, now);
    this.#begun.delete(client);
    this.#begun.set(client, [...recent, now].slice(-this.#perMinute));
    const [longestAgo] = this.#begun.keys();
    if (this.#begun.size > MOST_CLIENTS && longestAgo !== undefined) this.#begun.delete(longestAgo);
  }

  #recent(client: string, now: number): readonly number[] {
    return (this.#begun.get(client) ?? []).filter((time) => time > now - MINUTE);
  }
}

const MINUTE = 60_000;
/** One that has a whole network of addresses could fill the memory with them. */
const MOST_CLIENTS = 10_000;
