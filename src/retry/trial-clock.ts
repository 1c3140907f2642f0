import { startTimer } from './sleep.js';

/** When the next trial of a source is due, as far as those who wait for it want one. */
export class TrialClock {
  readonly #onDue: () => void;
  #trials = 0;
  #lastTrialAt = performance.now();
  #dueAt = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(onDue: () => void) {
    this.#onDue = onDue;
  }

  /** Whether somebody who wants a trial at this moment may start one. */
  isDue(dueAt: number): boolean {
    // Timers count whole milliseconds and may fire up to one early by this clock.
    return performance.now() > dueAt - 1;
  }

  /** When the last trial started, or else the outage, on the monotonic clock. */
  get lastTrialAt(): number {
    return this.#lastTrialAt;
  }

  /** How many trials the outage has had. */
  get trials(): number {
    return this.#trials;
  }

  /** An outage begins now. */
  begin(): void {
    this.#trials = 0;
    this.#restart();
  }

  /** What comes now is an outage of another kind: its first trials are still to come. */
  renew(): void {
    this.#trials = 0;
  }

  /** A trial was due: whether or not anybody made it, the next interval counts from now. */
  note(): void {
    this.#trials += 1;
    this.#restart();
  }

  /** Somebody waits who wants a trial at this moment. */
  schedule(dueAt: number): void {
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

  #restart(): void {
    this.#lastTrialAt = performance.now();
    this.stop();
  }
}
