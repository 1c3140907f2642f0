import type { Step, TraceAnswer } from './course-plan.js';

/** Sends the probes of one trace, by whichever protocol. */
export interface Prober {
  /** See `TraceFlow`. */
  readonly flowIds: readonly number[];
  /** @throws {SystemCallError} for this probe alone. */
  send(step: Step): void;
  /** No answer to this probe is wanted any more. One that is unknown is ignored. */
  forget(index: number): void;
  /** Nothing is called afterwards. May be repeated. */
  close(): void;
}

/** What a {@link Prober} calls. */
export interface ProberListener {
  onAnswer(index: number, answer: TraceAnswer): void;
  /** What does not say which probe it is for. @returns the one that it can only be for, if there is one. */
  onUnmatched(flow: number, isFromTarget: boolean): number | undefined;
}
