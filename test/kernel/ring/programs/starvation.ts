import { Journal, monotonic } from './journal.js';

/** How long a process was kept from its event loop so far: because others had the processor, or by its own code. */
export interface StarvationSample {
  /** Milliseconds of CLOCK_MONOTONIC. */
  readonly at: number;
  /** Milliseconds, together. */
  readonly total: number;
}

/** How often it is looked whether the event loop still turns; more than this late is more than the grain of timers. Milliseconds. */
const PERIOD = 10;
const SAMPLE_EVERY = 100;

/** @returns what has been measured, which goes on being measured. */
export function watchStarvation(): Journal<StarvationSample> {
  const samples = new Journal<StarvationSample>();
  let [lookedAt, sampledAt, total] = [monotonic(), 0, 0];
  setInterval(() => {
    const at = monotonic();
    const late = at - lookedAt - PERIOD;
    lookedAt = at;
    if (late > PERIOD) total += late;
    if (at - sampledAt < SAMPLE_EVERY) return;
    sampledAt = at;
    samples.add({ at, total });
  }, PERIOD).unref();
  return samples;
}
