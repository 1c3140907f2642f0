import type { TargetOptions } from '../../monitor/index.js';
import {
  arrayOf,
  checkOptions,
  either,
  functionRule,
  nonEmptyString,
  type OptionRules,
  wholeNumberFrom,
} from '../../options/index.js';
import type { RetryOptions } from '../../retry/index.js';

/**
 * What all HTTP adapters take: the Retryer's own options under their own names, how the requests reach their destination, and which answers
 * are worth another attempt. Durations are in milliseconds.
 */
export interface HttpOptions extends Omit<RetryOptions, 'network' | 'idempotent'>, WayOptions {
  /**
   * Whether a request may be sent twice, whatever its method: `true` for those that the server knows again by other means, `false` for none.
   *
   * @default by method: GET, HEAD, OPTIONS, PUT, DELETE and TRACE may, others only with an Idempotency-Key header
   */
  readonly idempotent?: boolean | undefined;
}

/** How the requests reach their destination. */
export interface WayOptions extends Omit<TargetOptions, 'via'> {
  /**
   * The proxy that the requests are sent through, as `'host:port'`: the path is judged to that one. A function says it for each destination,
   * and `undefined` for one that is reached without.
   *
   * @default none
   */
  readonly via?: string | Via | undefined;
}

/** The proxy for a destination, both as `'host:port'`. */
export type Via = (destination: string) => string | undefined;

/** Which statuses are followed by another attempt. */
export interface StatusOptions {
  /**
   * The statuses that another attempt may cure. A Retry-After in the answer is heeded.
   *
   * @default [408, 425, 429, 500, 502, 503, 504]
   */
  readonly retryStatuses?: readonly number[] | undefined;
}

/**
 * Request Timeout, Too Early, Too Many Requests (RFC 9110, 8470, 6585), and what servers and gateways say when they fail for the moment.
 */
export const RETRY_STATUSES: readonly number[] = [408, 425, 429, 500, 502, 503, 504];

/** Options of the three kinds, told apart. */
export interface HttpSettings {
  readonly retry: Omit<RetryOptions, 'network' | 'idempotent'>;
  readonly way: WayOptions;
  readonly idempotent: boolean | undefined;
  readonly statuses: ReadonlySet<number>;
}

/**
 * Tells the options apart. What is the Retryer's it checks itself.
 *
 * @throws {InvalidOptionError} for an option about the way that has a wrong type.
 */
export function httpSettings(owner: string, options: HttpOptions & StatusOptions): HttpSettings {
  const { via, source, mark, interface: name, askDestination, retryStatuses, idempotent, ...retry } = options;
  const way = { via, source, mark, interface: name, askDestination };
  checkOptions(owner, { ...way, retryStatuses }, RULES);
  return { retry, way, idempotent, statuses: new Set(retryStatuses ?? RETRY_STATUSES) };
}

/** The rest is checked by the network, which knows what an address is. */
const anything = { allowed: '', accepts: () => true };

const RULES: OptionRules<WayOptions & StatusOptions> = {
  via: either(nonEmptyString, functionRule),
  source: nonEmptyString,
  mark: wholeNumberFrom(0, 2 ** 32 - 1),
  interface: nonEmptyString,
  askDestination: anything,
  retryStatuses: arrayOf(wholeNumberFrom(100, 599), 'an array of status codes'),
};
