/** How often it is looked whether the event loop still turns; more than this late is more than the grain of timers. Milliseconds. */
const PERIOD = 10;

/** How long this process was kept from its event loop: because others had the processor, or by its own code. */
export class Starvation {
  #total = 0;
  #lastAt = performance.now();

  /** Does not keep the process alive. */
  watch(): void {
    setInterval(() => this.#look(), PERIOD).unref();
  }

  /** Milliseconds in all, up to now. */
  get total(): number {
    this.#look();
    return this.#total;
  }

  #look(): void {
    const now = performance.now();
    const late = now - this.#lastAt - PERIOD;
    if (late > PERIOD) this.#total += late;
    this.#lastAt = now;
  }
}
