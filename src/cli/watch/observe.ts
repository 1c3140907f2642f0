import type { NetworkMonitor, TargetMonitor } from '../../monitor/index.js';
import { explain } from '../text/words.js';
import type { DestinationView, Moment, Sample, WatchEvent, Way } from './watch-event.js';

/** From one sample to the next, in milliseconds. */
const SAMPLE_INTERVAL = 1_000;

/**
 * Starts a monitor and tells of everything that it sees, with a sample each second, until the returned function is called. Keeps the process
 * alive.
 */
export async function observe(
  monitor: NetworkMonitor,
  sampler: Sampler,
  see: (event: WatchEvent) => void,
): Promise<() => void> {
  const unsubscribe = monitor.onChange((change) =>
    see({ at: change.at, clock: performance.now(), kind: 'state', change }),
  );
  monitor.on('link', (change) => see({ ...now(), kind: 'link', change }));
  monitor.on('check', (result) => see({ ...now(), kind: 'check', result }));
  monitor.on('error', (error) => see({ ...now(), kind: 'error', message: explain(error) }));
  await monitor.start();
  const takeSample = (): void => {
    try {
      see({ ...now(), kind: 'sample', sample: sampler.sample() });
    } catch (error) {
      // The kernel may refuse a reading in the middle of a change; the next one is a second away.
      see({ ...now(), kind: 'error', message: explain(error) });
    }
  };
  takeSample();
  const timer = setInterval(takeSample, SAMPLE_INTERVAL);
  return () => {
    clearInterval(timer);
    unsubscribe();
  };
}

/** Reads everything that can be read at a moment. */
export class Sampler {
  readonly #monitor: NetworkMonitor;
  readonly #destinations: readonly TargetMonitor[];
  /** By their names, which the results of checks tell. */
  readonly #checkHosts = new Map<string, TargetMonitor>();

  /** @throws {InvalidOptionError} where a destination is none. */
  constructor(monitor: NetworkMonitor, destinations: readonly string[]) {
    this.#monitor = monitor;
    this.#destinations = destinations.map((destination) => monitor.target(destination));
  }

  sample(): Sample {
    const snapshot = this.#monitor.snapshot();
    for (const { host } of snapshot.checks) {
      if (!this.#checkHosts.has(host)) this.#checkHosts.set(host, this.#monitor.target(host));
    }
    return {
      snapshot,
      interfaces: this.#monitor.interfaces(),
      checkHosts: [...this.#checkHosts.values()].map(viewOf),
      destinations: this.#destinations.map(viewOf),
    };
  }
}

export function now(): Moment {
  return { at: Date.now(), clock: performance.now() };
}

function viewOf(target: TargetMonitor): DestinationView {
  // To ask for the state judges the way anew.
  const { destination, state, reason } = target;
  return { destination, state, reason, way: wayOf(target) };
}

function wayOf({ tracker: { verdict } }: TargetMonitor): Way {
  if (verdict === undefined || verdict.kind === 'unproven') return { kind: 'unknown' };
  return verdict;
}
