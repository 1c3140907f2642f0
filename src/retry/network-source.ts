import type { NetworkChange, NetworkReason, NetworkState, WorkOutcome } from '../state/index.js';

/**
 * All that the Retryer needs to know of a network, so that anyone's monitor fits: {@link NetworkMonitor}, what its `target()` returns,
 * `SimulatedNetwork` of `netpause/testing`, or your own.
 *
 * One object is one network: the calls that are given the same one share its trials and its resume gate. So make a source once, and keep it.
 */
export interface NetworkSource {
  /** Only `'down'` pauses work. */
  readonly state: NetworkState;
  /** Why the state is what it is. Where it is a path reason, an attempt that hangs is ended sooner. */
  readonly reason?: NetworkReason;
  /**
   * False while an attempt could only fail, because the kernel's own look-up for this very destination finds no way. Otherwise a pause lets
   * one trial attempt through every `trialInterval`, so that a wrong monitor costs time and never the work.
   *
   * @default true
   */
  readonly allowsTrials?: boolean;
  /**
   * True while the network has gone down so often lately that what comes back is not likely to stay. Paused operations then restart one at a
   * time.
   *
   * @default false
   */
  readonly flapping?: boolean;
  /**
   * How many outages have ended so far: it grows with every change from `'down'` to anything else, also while nobody listens. Where there is
   * such a count, an operation that succeeds at once costs no subscription.
   */
  readonly recoveries?: number | undefined;
  /** Calls the listener after every change of state, and of the reason for `down`, synchronously and in order, until the returned function is called. */
  onChange(listener: (change: NetworkChange) => void): () => void;
  /**
   * Resolves as soon as the state is not `down`, at once where it is not. With `unref` it does not keep the process alive.
   *
   * @throws the signal's reason when aborted; `MonitorStoppedError` when the source is stopped or not started.
   */
  waitForNetwork(options?: {
    readonly signal?: AbortSignal | undefined;
    readonly unref?: boolean | undefined;
  }): Promise<void>;
  /**
   * Tells the source what became of work. After a failure it looks again at once; the promise resolves when `state` is what it found.
   * Never rejects.
   */
  report(outcome: WorkOutcome): Promise<void>;
  /**
   * Says that work is in flight, so that the source watches more closely until the returned function is called.
   *
   * @param onStranded called at most once, when the interface or the source address that the work began with is gone while the network as
   * a whole is not down: its connections cannot be carried any more.
   */
  track?(onStranded: (reason: NetworkReason) => void): () => void;
}
