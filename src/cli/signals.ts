import { LONGEST_TIMER } from '../options/index.js';
import { StoppedBySignalError } from './cli-error.js';

/** The signals by which a process is told to end. */
export const STOPPING: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];

/** Calls the listener for each of these signals, in the place of what they would do, until the returned function is called. */
export function onSignals(signals: readonly NodeJS.Signals[], listener: (signal: NodeJS.Signals) => void): () => void {
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}

/** What ends work early, beside a signal. */
export interface TimeLimit {
  /** Milliseconds; Infinity for none. */
  readonly after: number;
  /** The error with which the work's signal then aborts. */
  readonly reason: () => Error;
}

/**
 * Runs work that is ended from outside: its own signal aborts with a {@link StoppedBySignalError} when we are told to end, and with the limit's
 * reason when its time is over. While the work goes on the process lives.
 */
export async function untilStopped<Value>(
  work: (signal: AbortSignal) => Promise<Value>,
  limit: TimeLimit = NO_LIMIT,
): Promise<Value> {
  const controller = new AbortController();
  const release = onSignals(STOPPING, (signal) => controller.abort(new StoppedBySignalError(signal)));
  const timer = setTimeout(
    () => {
      if (limit.after <= LONGEST_TIMER) controller.abort(limit.reason());
    },
    Math.min(limit.after, LONGEST_TIMER),
  );
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    release();
  }
}

const NO_LIMIT: TimeLimit = { after: Number.POSITIVE_INFINITY, reason: () => new Error('without a limit') };
