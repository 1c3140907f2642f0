import { InvalidOptionError } from '../errors/index.js';
import { abortSignal, arrayOf, checkOptions, type OptionRules, oneOf } from '../options/index.js';
import type { NetworkReason, NetworkState } from '../state/index.js';

/** What a report is made of: a `NetworkMonitor`, a target, a `SharedNetwork`, or any other network source. */
export interface HealthSubject {
  /** What is made of the network now. */
  readonly state: NetworkState;
  /** Why the state is what it is. */
  readonly reason?: NetworkReason;
  /** More about it, where it is known. */
  snapshot?(): {
    /** When the state was entered: milliseconds since the epoch. */
    readonly since: number;
    /** Where the knowledge comes from. */
    readonly source: string;
    /** The newest result of every check. */
    readonly checks: readonly {
      /** Whether somebody answered. */
      readonly reachable: boolean;
    }[];
  };
}

/**
 * The health of a service as far as the network goes. It holds neither addresses nor names of hosts or interfaces, so that anybody may see
 * it.
 */
export interface HealthReport {
  /** Whether the probe passes, in the words of draft-inadarei-api-health-check. */
  readonly status: 'pass' | 'fail';
  /** Why it fails, where it is not for the network: the service is shutting down. */
  readonly cause?: 'shutting-down';
  /** What is known of the network. */
  readonly network: {
    /** What is made of it. */
    readonly state: NetworkState;
    /** Why, where that is known. */
    readonly reason?: NetworkReason;
    /** When the state was entered, as in `2025-11-21T11:48:00.000Z`, where that is known. */
    readonly since?: string;
    /** Where the knowledge comes from: `netlink`, or the next best that is to be had. */
    readonly source?: string;
    /** How many of the checks ended well the last time. */
    readonly checks?: {
      /** Those that were answered. */
      readonly reachable: number;
      /** All that have ended. */
      readonly total: number;
    };
  };
}

/** When a service counts as ready. */
export interface ReadinessOptions {
  /**
   * The states in which it is not. With `[]` the network is reported and decides nothing, which suits a service that can answer without it:
   * when all instances lose the same uplink, all of them would be taken out of service.
   *
   * @default ['down']
   */
  readonly unreadyIn?: readonly NetworkState[] | undefined;
  /** Once this has aborted it is not ready any more: `stopping` of a `gracefulShutdown`, so that no new requests are sent to it. */
  readonly stopping?: AbortSignal | undefined;
}

/**
 * Whether the process is to be left alone. An outage of the network never fails it: a restart would mend nothing, and throw away all work that
 * waits.
 */
export function livenessReport(network: HealthSubject): HealthReport {
  checkSubject('livenessReport', network);
  return { status: 'pass', network: describe(network) };
}

/**
 * Whether the service should be sent work.
 *
 * @throws {InvalidOptionError} where an option has a wrong name or type.
 */
export function readinessReport(network: HealthSubject, options: ReadinessOptions = {}): HealthReport {
  checkSubject('readinessReport', network);
  checkOptions('readinessReport', options, READINESS_RULES);
  const { unreadyIn = ['down'], stopping } = options;
  if (stopping?.aborted) return { status: 'fail', cause: 'shutting-down', network: describe(network) };
  return { status: unreadyIn.includes(network.state) ? 'fail' : 'pass', network: describe(network) };
}

/** @throws {InvalidOptionError} where the network is none. */
export function checkSubject(owner: string, network: HealthSubject): void {
  if (typeof network?.state === 'string') return;
  throw new InvalidOptionError(`${owner}: network`, network, 'a NetworkMonitor, a target of one, or another network');
}

export const READINESS_RULES: OptionRules<ReadinessOptions> = {
  unreadyIn: arrayOf(oneOf('unknown', 'up', 'degraded', 'down'), "an array of 'unknown', 'up', 'degraded', 'down'"),
  stopping: abortSignal,
};

function describe(network: HealthSubject): HealthReport['network'] {
  const { state, reason } = network;
  const known = network.snapshot?.();
  return {
    state,
    ...(reason !== undefined && { reason }),
    ...(known && {
      since: new Date(known.since).toISOString(),
      source: known.source,
      checks: { reachable: known.checks.filter(({ reachable }) => reachable).length, total: known.checks.length },
    }),
  };
}
