import type { NetworkReason } from '../state/index.js';

/** What every event of a call carries. */
export interface CallEvent {
  /** Tells the calls of this thread apart, so that the events of one can be put together. */
  readonly callId: number;
  /** The `name` option, if one was given. */
  readonly name: string | undefined;
  /** The attempt that it is about, counted from 1 as p-retry counts. An attempt that an outage cost keeps its number when it is repeated. */
  readonly attemptNumber: number;
  /** How many outages the call has met so far. */
  readonly outages: number;
}

/** An attempt starts. */
export interface AttemptEvent extends CallEvent {
  /** Whether it starts although the network is said to be down, to find out whether that is true. */
  readonly isTrial: boolean;
}

/** An attempt failed. */
export interface FailureEvent extends AttemptEvent {
  /** What it failed with. */
  readonly error: unknown;
  /** Milliseconds from the start of the attempt to its failure. */
  readonly duration: number;
  /** False where an outage was to blame, so that the same attempt will be repeated. */
  readonly spent: boolean;
}

/** The call waits for the network. */
export interface PauseEvent extends CallEvent {
  /** Why the network is down, as far as the source said. */
  readonly reason: NetworkReason | undefined;
}

/** The call goes on. */
export interface ResumeEvent extends PauseEvent {
  /** Milliseconds since the pause began. */
  readonly duration: number;
}

/** The call is over. */
export type SettleEvent = CallEvent & {
  /** Milliseconds since the call began. */
  readonly duration: number;
} & ({ readonly ok: true } | { readonly ok: false; readonly error: unknown });

/** The events of a {@link Retryer}, for logs and metrics. They come in the order in which things happen, and cost nothing unheard. */
export interface RetryerEvents {
  /** An attempt starts. */
  attempt(event: AttemptEvent): void;
  /** An attempt failed. */
  failure(event: FailureEvent): void;
  /** The call begins to wait for the network. */
  pause(event: PauseEvent): void;
  /** The call goes on. */
  resume(event: ResumeEvent): void;
  /** The call is over. */
  settle(event: SettleEvent): void;
}
