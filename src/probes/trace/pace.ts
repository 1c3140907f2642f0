/** Lets so many pass at once, and then so many a second: a bucket of tokens. Moments are in milliseconds, of whatever clock. */
export class Pace {
  readonly #perMillisecond: number;
  readonly #burst: number;
  #tokens: number;
  #at = Number.NEGATIVE_INFINITY;

  constructor(perSecond: number, burst: number) {
    this.#perMillisecond = perSecond / 1_000;
    this.#burst = burst;
    this.#tokens = burst;
  }

  /** Whether one more may pass now; it then has. */
  take(now: number): boolean {
    this.#fill(now);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** When the next may pass. */
  nextAt(now: number): number {
    this.#fill(now);
    return this.#tokens >= 1 ? now : now + (1 - this.#tokens) / this.#perMillisecond;
  }

  #fill(now: number): void {
    if (now <= this.#at) return;
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#at) * this.#perMillisecond);
    this.#at = now;
  }
}
