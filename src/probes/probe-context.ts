import type { NetworkReason, NetworkState, WorkOutcome } from '../state/index.js';
import type { ResolveHost } from './resolve-host.js';

/**
 * What a probe needs to know of this host's own network. `NetworkMonitor`, what its `target()` returns, `SharedNetwork` and
 * `SimulatedNetwork` all fit.
 */
export interface ProbeMonitor {
  /** Only `'down'` makes a probe inconclusive. */
  readonly state: NetworkState;
  /** Why the state is what it is. */
  readonly reason?: NetworkReason;
  /** Calls the listener after every change of state until the returned function is called. */
  onChange(listener: () => void): () => void;
  /** Looks again at once after a failure; resolves when `state` is what it found. */
  report(outcome: WorkOutcome): Promise<void>;
  /** The judgement for one destination, as `'host:port'`; where there is none, `state` is asked. */
  target?(destination: string): ProbeMonitor;
}

/** What every engine takes beside its target and its options. */
export interface ProbeContext {
  /** Ends the probe early: it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Who knows whether this host was online. @default nobody: then no probe is `inconclusive` for being offline */
  readonly monitor?: ProbeMonitor | undefined;
  /** How names become addresses. @default the hosts file, then DNS, then whatever else the system asks */
  readonly resolve?: ResolveHost | undefined;
}
