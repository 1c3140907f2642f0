/** When an event loop did not come round. Times are CLOCK_MONOTONIC in nanoseconds. */
export interface Stall {
  readonly from: bigint;
  readonly until: bigint;
}

/** How often it is looked whether the loop still turns, in milliseconds. */
const PERIOD = 10;
/** Later than this is more than the grain of timers, in milliseconds. */
const LATE = 10;

/** Notes when this process was kept from its event loop: by its own code, by a signal, or because others had the processor. */
export class Stalls {
  #stalls: Stall[] = [];
  #timer: NodeJS.Timeout | undefined;
  #lastAt = 0n;

  watch(): void {
    clearInterval(this.#timer);
    this.#stalls = [];
    this.#lastAt = process.hrtime.bigint();
    this.#timer = setInterval(() => this.#look(), PERIOD);
    this.#timer.unref();
  }

  rest(): readonly Stall[] {
    clearInterval(this.#timer);
    return this.#stalls;
  }

  #look(): void {
    const now = process.hrtime.bigint();
    if (now - this.#lastAt > BigInt((PERIOD + LATE) * 1_000_000)) this.#stalls.push({ from: this.#lastAt, until: now });
    this.#lastAt = now;
  }
}
