/** Acts on the first change of a burst at once, and on what follows it together, a moment later; never later than that. */
export class Burst {
  readonly #length: number;
  readonly #act: () => void;
  #timer: NodeJS.Timeout | undefined;
  #changedMeanwhile = false;

  /** @param length milliseconds between two acts. */
  constructor(length: number, act: () => void) {
    this.#length = length;
    this.#act = act;
  }

  /** Something has changed. With `urgent` it cannot wait: by the end of the burst it may be over, and would never have been. */
  note(urgent: () => boolean): void {
    if (this.#timer === undefined) {
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
      this.#begin();
      this.#act();
    }, this.#length);
    this.#timer.unref();
  }
}
