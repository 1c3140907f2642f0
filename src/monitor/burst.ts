/**
 * Acts on the first change of a burst at once, and on what follows it together, a moment later. The moments grow while changes go on: what
 * belongs to one event comes within a millisecond or two, and churn that never ends must not keep the process busy.
 */
export class Burst {
  readonly #first: number;
  readonly #longest: number;
  readonly #act: () => void;
  #length = 0;
  #lastAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #changedMeanwhile = false;

  /** @param lengths the shortest time between two acts, and the longest, after which a change without another is the first of a new burst; milliseconds. */
  constructor(lengths: { readonly first: number; readonly longest: number }, act: () => void) {
    this.#first = lengths.first;
    this.#longest = lengths.longest;
    this.#act = act;
  }

  /** Something has changed. With `urgent` it cannot wait: by the end of the burst it may be over, and would never have been. */
  note(urgent: () => boolean): void {
    const now = performance.now();
    const isFirst = now - this.#lastAt >= this.#longest;
    this.#lastAt = now;
    if (this.#timer === undefined) {
      this.#length = isFirst ? this.#first : Math.min(this.#length * 2, this.#longest);
      this.#begin();
      this.#act();
    } else if (urgent()) {
      this.#act();
    } else {
      this.#changedMeanwhile = true;
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#changedMeanwhile = false;
  }

  #begin(): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (!this.#changedMeanwhile) return;
      this.#changedMeanwhile = false;
      this.#length = Math.min(this.#length * 2, this.#longest);
      this.#begin();
      this.#act();
    }, this.#length);
    this.#timer.unref();
  }
}
