/** A token bucket over starts: so many a second on average, and no more than a tenth of a second's worth at once. */
export class StartRate {
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #at = Number.NEGATIVE_INFINITY;

  /** @param perSecond starts a second; Infinity for no bound. */
  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#burst = Math.max(1, perSecond / 10);
    this.#tokens = this.#burst;
  }

  /** Whether one may start now, which is thereby taken into account. */
  take(now: number): boolean {
    if (this.#perSecond === Number.POSITIVE_INFINITY) return true;
    const earned = ((now - this.#at) / 1_000) * this.#perSecond;
    this.#tokens = Math.min(this.#burst, this.#tokens + earned);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** How long it is until one may start, in milliseconds. Right after a `take` that was refused. */
  get wait(): number {
    return ((1 - this.#tokens) / this.#perSecond) * 1_000;
  }
}
