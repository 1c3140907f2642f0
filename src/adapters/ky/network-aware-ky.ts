import type { Options } from 'ky';
import type { NetworkSource } from '../../retry/index.js';
import { createFetch, type FetchOptions } from '../fetch/index.js';

/**
 * The Retryer's options and those of the way. Retries of what is no outage are ky's own: its option `retry` says how many there are, of which
 * methods and after which statuses.
 */
export type KyOptions = Omit<FetchOptions, 'retries' | 'retryStatuses'>;

/**
 * Options for `ky.create` or `ky.extend` by which its requests wait for the network instead of failing without it.
 *
 * They give ky another `fetch`. To ky a request that an outage held up is one that took its time: it neither sees it nor counts it, and everything
 * else is left to its own `retry`. Its `timeout` would count the time of the outage too, so that it is turned off. The `timeout` of these options
 * takes its place: it is 10 seconds by default, as ky's is, holds for each attempt until the headers are there, and ends it with
 * `AttemptTimeoutError`.
 *
 * @param network a `NetworkMonitor`, `SimulatedNetwork` or your own; by default the monitor that the process shares.
 * @throws {InvalidOptionError} where an option has a wrong name, type or range.
 *
 * @example
 * ```
 * const api = ky.create({ prefixUrl: 'https://api.example.com', ...networkAwareKy(monitor) });
 * ```
 */
export function networkAwareKy(
  network?: NetworkSource,
  options: KyOptions = {},
): Required<Pick<Options, 'fetch' | 'timeout'>> {
  const { timeout = DEFAULT_TIMEOUT, ...rest } = options;
  const fetch = createFetch(network, { ...rest, timeout, retries: 0, retryStatuses: [] });
  // ky hands over a Request and, beside it, what a Request cannot hold.
  return { fetch: (input, init) => fetch(input, init), timeout: false };
}

/** ky's own, in milliseconds. */
const DEFAULT_TIMEOUT = 10_000;
