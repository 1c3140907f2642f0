/** How long a call has gone on, by a monotonic clock that can be held. */
export class Stopwatch {
  readonly #startedAt: number;
  #heldSince: number | undefined;
  #heldFor = 0;

  /** @param startedAt when the call began, by `performance.now()`. */
  constructor(startedAt: number) {
    this.#startedAt = startedAt;
  }

  /** Milliseconds, without the time for which it was held. */
  get elapsed(): number {
    return (this.#heldSince ?? performance.now()) - this.#startedAt - this.#heldFor;
  }

  /** Milliseconds, the held time included. */
  get total(): number {
    return performance.now() - this.#startedAt;
  }

  hold(): void {
    this.#heldSince ??= performance.now();
  }

  release(): void {
    if (this.#heldSince === undefined) return;
    this.#heldFor += performance.now() - this.#heldSince;
    this.#heldSince = undefined;
  }
}
