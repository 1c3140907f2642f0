import { Resolver } from 'node:dns/promises';

/** More are asked when one of these has been answered. */
const MOST_AT_ONCE = 8;

/** More addresses than any path has; somebody who forges answers could name any number. */
const MOST_NAMES = 1_000;

/** Longer than any name may be (RFC 1035 section 2.3.4). */
const LONGEST_NAME = 255;

/** Milliseconds after which an address whose name was not to be had is asked about again: this host may have been offline. */
const PATIENCE = 30_000;

/** The names of addresses by reverse DNS: each is looked up once, when it is first wanted, and nobody waits for it. */
export class NameBook {
  readonly #resolver = new Resolver({ timeout: 1_000, tries: 2 });
  readonly #onName: () => void;
  /** Undefined where there is none, or none yet. */
  readonly #names = new Map<string, string | undefined>();
  readonly #queue: string[] = [];
  readonly #askAgain = new Map<string, number>();
  #inFlight = 0;
  #isClosed = false;

  /** @param onName called when a name has been found. */
  constructor(onName: () => void) {
    this.#onName = onName;
  }

  /** The name of an address, where it is known by now. */
  nameOf(address: string): string | undefined {
    const again = this.#askAgain.get(address) ?? Number.POSITIVE_INFINITY;
    if (!this.#names.has(address) ? this.#names.size < MOST_NAMES : performance.now() >= again) {
      this.#askAgain.delete(address);
      this.#names.set(address, undefined);
      this.#queue.push(address);
      void this.#work();
    }
    return this.#names.get(address);
  }

  /** Nobody is asked any more. */
  close(): void {
    this.#isClosed = true;
    this.#queue.length = 0;
    this.#resolver.cancel();
  }

  async #work(): Promise<void> {
    if (this.#isClosed || this.#inFlight >= MOST_AT_ONCE) return;
    const address = this.#queue.shift();
    if (address === undefined) return;
    this.#inFlight += 1;
    await this.#ask(address);
    this.#inFlight -= 1;
    void this.#work();
  }

  async #ask(address: string): Promise<void> {
    try {
      const [name] = await this.#resolver.reverse(address);
      if (name === undefined || name.length > LONGEST_NAME || this.#isClosed) return;
      this.#names.set(address, name);
      this.#onName();
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code !== 'ENOTFOUND' && code !== 'ENODATA') this.#askAgain.set(address, performance.now() + PATIENCE);
    }
  }
}
