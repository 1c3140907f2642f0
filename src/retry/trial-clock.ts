import { startTimer } from './sleep.js';

/** Decides when the next trial of a source is due: an interval after the outage began or the last trial started. */
export class TrialClock {
  readonly #onDue: () => void;
  #lastTrialAt = performance.now();
  #dueAt = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(onDue: () => void) {
    this.#onDue = onDue;
  }

  /** Whether somebody who wants a trial at this interval may start one. */
  isDue(interval: number): boolean {
    // Timers count whole milliseconds and may fire up to one early by this clock.
    return performance.now() - this.#lastTrialAt > interval - 1;
  }

  /** Counts the next interval from now. */
  restart(): void {
    this.#lastTrialAt = performance.now();
    this.stop();
  }

  /** Somebody waits who wants a trial at this interval. */
  schedule(interval: number): void {
    const dueAt = this.#lastTrialAt + interval;
    if (dueAt >= this.#dueAt) return;
    this.stop();
    this.#dueAt = dueAt;
    // What keeps the process alive is the operation that waits, not the clock.
    this.#timer = startTimer(dueAt - performance.now(), true, () => {
      this.stop();
      this.#onDue();
    });
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#dueAt = Number.POSITIVE_INFINITY;
  }
}
