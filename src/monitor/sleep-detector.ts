import { uptime } from 'node:os';

/** Milliseconds since boot, sleep included. */
export function sinceBoot(): number {
  return uptime() * 1_000;
}

/** More than the two clocks drift or round apart, and less than any sleep that matters. Milliseconds. */
const TOLERANCE = 2_000;

/** Whoever asks more often than this is answered by what is known: the system call costs more than all else that is done so often. Milliseconds. */
const INTERVAL = 250;

/**
 * Notices that the machine slept. Timers and `performance.now()` stand still meanwhile (CLOCK_MONOTONIC), but the time since boot goes on
 * (CLOCK_BOOTTIME), so that the two are further apart afterwards. The wall clock says nothing: it is set by people and by NTP.
 */
export class SleepDetector {
  readonly #sinceBoot: () => number;
  #apart: number;
  #measuredAt = performance.now();

  /** @param sinceBoot milliseconds since boot, sleep included. */
  constructor(sinceBoot: () => number) {
    this.#sinceBoot = sinceBoot;
    this.#apart = this.#measure();
  }

  /** Whether the machine slept since this was last asked and answered by a measurement. */
  hasSlept(): boolean {
    const now = performance.now();
    if (now - this.#measuredAt < INTERVAL) return false;
    this.#measuredAt = now;
    const before = this.#apart;
    this.#apart = this.#measure();
    return this.#apart - before > TOLERANCE;
  }

  #measure(): number {
    return this.#sinceBoot() - performance.now();
  }
}
