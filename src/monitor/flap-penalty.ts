// The scheme and its proportions are those of route flap damping (RFC 2439, section 4.2), with a memory of half a minute instead of fifteen.

/** What one outage adds. */
const PENALTY = 1_000;
/** From here on the network counts as flapping: by the third outage in quick succession. */
const SUPPRESS_ABOVE = 2_000;
/** And below this no more. */
const REUSE_BELOW = 750;
/** However often it flaps, four half-lives later it is forgiven. */
const HIGHEST = REUSE_BELOW * 2 ** 4;
/** Milliseconds. */
const HALF_LIFE = 30_000;

/** Remembers outages with a half-life. It never delays a verdict; it only says whether what comes back is likely to stay. */
export class FlapPenalty {
  #value = 0;
  #at = performance.now();
  #flapping = false;

  /** The network has gone down. */
  add(): void {
    this.#decay();
    this.#value = Math.min(HIGHEST, this.#value + PENALTY);
    if (this.#value > SUPPRESS_ABOVE) this.#flapping = true;
  }

  get flapping(): boolean {
    this.#decay();
    if (this.#value < REUSE_BELOW) this.#flapping = false;
    return this.#flapping;
  }

  #decay(): void {
    const now = performance.now();
    this.#value *= 2 ** -((now - this.#at) / HALF_LIFE);
    this.#at = now;
  }
}
