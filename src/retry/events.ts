import type { NetworkReason } from '../state/index.js';

/** What every event of a call carries. */
export interface CallEvent {
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
  attempt(event: AttemptEvent): void;
  failure(event: FailureEvent): void;
  pause(event: PauseEvent): void;
  resume(event: ResumeEvent): void;
  settle(event: SettleEvent): void;
}
