/**
 * Finds the largest packet that passes, by telling which size to try next. What ICMP says of an MTU is only what is tried next: it may be
 * forged, or of the past (RFC 8899 section 4.6.2 has the same reserve). So a result has always passed, and one byte more has not.
 */
export class PathMtuSearch {
  /** The largest that has passed. */
  #passed: number;
  /** The smallest that has not. */
  #refused: number;
  /** What to try next, where there is something better than the middle. */
  #hint: number | undefined;
  /** What ICMP has named for it. */
  #named: number | undefined;

  /**
   * @param passed a size that is known to pass, in bytes.
   * @param most the largest size that there is. It is tried first.
   */
  constructor(passed: number, most: number) {
    this.#passed = passed;
    this.#refused = most + 1;
    this.#hint = most;
  }

  /** The largest that has passed so far. */
  get pathMtu(): number {
    return this.#passed;
  }

  /** The size to try next; undefined once all is known. */
  get next(): number | undefined {
    if (this.#passed + 1 >= this.#refused) return undefined;
    const hint = this.#hint;
    if (hint !== undefined && hint > this.#passed && hint < this.#refused) return hint;
    return Math.floor((this.#passed + this.#refused) / 2);
  }

  passed(size: number): void {
    this.#passed = Math.max(this.#passed, size);
    // What ICMP has named and what has passed is the answer, as a rule: one more should be too much.
    this.#hint = size === this.#named ? size + 1 : undefined;
    this.#named = undefined;
  }

  /** @param mtu what ICMP named, where it did. */
  refused(size: number, mtu?: number): void {
    this.#refused = Math.min(this.#refused, size);
    this.#hint = mtu;
    this.#named = mtu;
  }
}
