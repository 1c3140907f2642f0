import type { NetworkMonitorOptions } from '../monitor/index.js';
import type { RetryOptions } from '../retry/index.js';

/** Options for a monitor and for a retryer that fit together. */
export interface Preset {
  /** For `new NetworkMonitor()`. */
  readonly monitor: NetworkMonitorOptions;
  /** For `createRetryer()`. */
  readonly retry: RetryOptions;
}

/**
 * For work that somebody waits for: few retries, little traffic, and after five minutes without a network it gives up.
 *
 * @example
 * const monitor = new NetworkMonitor(conservative.monitor);
 * await monitor.start();
 * const retryer = createRetryer({ ...conservative.retry, network: monitor });
 */
export const conservative: Preset = Object.freeze({
  monitor: Object.freeze({ checkInterval: 30_000, checkTimeout: 5_000 }),
  retry: Object.freeze({ retries: 2, minTimeout: 2_000, maxTimeout: 10_000, randomize: true, maxPause: 300_000 }),
});

/** For most services: the defaults of the monitor, four retries with backoff up to half a minute, and a pause as long as the outage. */
export const balanced: Preset = Object.freeze({
  monitor: Object.freeze({ checkInterval: 10_000, checkTimeout: 3_000 }),
  retry: Object.freeze({ retries: 4, minTimeout: 1_000, maxTimeout: 30_000, randomize: true }),
});

/** For long transfers and daemons on networks that come and go: more retries, longer backoff, patience with slow links. */
export const patient: Preset = Object.freeze({
  monitor: Object.freeze({ checkInterval: 10_000, checkTimeout: 10_000 }),
  retry: Object.freeze({
    retries: 9,
    minTimeout: 1_000,
    maxTimeout: 60_000,
    randomize: true,
    interruptAfter: Object.freeze({ path: 5_000, reach: 30_000 }),
  }),
});
