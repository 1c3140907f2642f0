import { randomFillSync } from 'node:crypto';
import type { EchoIdentity } from './icmp-echo.js';
import type { SendTime } from './round-trip-clock.js';

/** A request that a reply may come to. */
export interface Outstanding<Owner> extends EchoIdentity, SendTime {
  readonly owner: Owner;
  /** Which of the owner's requests. */
  readonly index: number;
}

/** As many as ICMP's sequence number can tell apart. */
const MOST = 2 ** 16;

const TOKENS = 512;

/**
 * Who waits for which sequence number. A number is given out anew only when nobody waits for it any more, and goes round all others before:
 * what comes late meets nobody, or somebody with another token.
 */
export class SequenceTable<Owner> {
  readonly #outstanding = new Map<number, Outstanding<Owner>>();
  readonly #tokens = new Uint32Array(2 * TOKENS);
  #nextToken = 2 * TOKENS;
  #last = MOST - 1;

  get size(): number {
    return this.#outstanding.size;
  }

  /** Whether there is no number left. */
  get isFull(): boolean {
    return this.#outstanding.size >= MOST;
  }

  claim(owner: Owner, index: number): Outstanding<Owner> {
    if (this.isFull) throw new RangeError('no sequence number is free');
    do this.#last = (this.#last + 1) % MOST;
    while (this.#outstanding.has(this.#last));
    const entry: Outstanding<Owner> = {
      owner,
      index,
      sequence: this.#last,
      tokenHigh: this.#random(),
      tokenLow: this.#random(),
      sentAt: 0,
      sentAtMonotonic: 0,
    };
    this.#outstanding.set(entry.sequence, entry);
    return entry;
  }

  release(sequence: number): void {
    this.#outstanding.delete(sequence);
  }

  get(sequence: number): Outstanding<Owner> | undefined {
    return this.#outstanding.get(sequence);
  }

  #random(): number {
    if (this.#nextToken >= this.#tokens.length) {
      randomFillSync(this.#tokens);
      this.#nextToken = 0;
    }
    const token = this.#tokens[this.#nextToken] ?? 0;
    this.#nextToken += 1;
    return token;
  }
}
