import { AbortError } from 'p-retry';
import { type AttemptTimeoutError, isError, NetworkDownError } from '../errors/index.js';
import { classifyFailure, type FailureClass } from './classify-failure.js';

/**
 * Who ended an attempt that failed.
 *
 * - `operation`: it failed by itself.
 * - `interruption`: we aborted it, because the network under it was lost.
 * - `timeout`: we aborted it, because it took longer than the `timeout` option allows.
 * - `stop`: it threw p-retry's `AbortError`: whatever else is true, it does not want to be repeated.
 */
export type EndedBy = 'operation' | 'interruption' | 'timeout' | 'stop';

/** How an attempt failed, as a value to decide by. */
export interface Failure {
  readonly endedBy: EndedBy;
  /** What the caller gets if this is the end: what the operation threw, unless that only echoes the reason with which we aborted it. */
  readonly error: unknown;
  /** Whether `error` is the operation's own. */
  readonly isOwn: boolean;
  readonly class: FailureClass;
}

/** The reasons of our own for which an attempt's signal aborts. */
export type EndReason = NetworkDownError | AttemptTimeoutError;

/** Reads what an attempt threw in the light of how it ended: whatever words an operation finds for having been aborted, it was our reason. */
export function describeFailure(thrown: unknown, reason: EndReason | undefined): Failure {
  const stop = asAbortError(thrown);
  const error = stop === undefined ? thrown : stop.originalError;
  if (reason !== undefined && echoesAbort(error, reason)) {
    return { endedBy: endedBy(reason), error: reason, isOwn: false, class: classifyFailure(error) };
  }
  const failureClass = classifyFailure(error);
  // Somebody answered, or this process failed by itself: that we aborted meanwhile had no part in it.
  const byItself = failureClass.kind === 'response' || failureClass.kind === 'local';
  const ended = byItself ? 'operation' : endedBy(reason);
  return { endedBy: stop === undefined ? ended : 'stop', error: stop ?? thrown, isOwn: true, class: failureClass };
}

/** Also that of another copy of p-retry than ours: one project can have several, and the CommonJS build carries its own. */
function asAbortError(thrown: unknown): AbortError | undefined {
  if (thrown instanceof AbortError) return thrown;
  if (!isError(thrown) || thrown.name !== 'AbortError' || !('originalError' in thrown)) return undefined;
  return isError(thrown.originalError) ? new AbortError(thrown.originalError) : undefined;
}

function endedBy(reason: EndReason | undefined): EndedBy {
  if (reason === undefined) return 'operation';
  return reason instanceof NetworkDownError ? 'interruption' : 'timeout';
}

/** Whether an error says no more than "I was aborted", as `fetch` does with the reason itself, and others with an error of their own. */
function echoesAbort(error: unknown, reason: EndReason): boolean {
  if (error === reason) return true;
  if (typeof error !== 'object' || error === null) return false;
  if ('cause' in error && error.cause === reason) return true;
  if ('name' in error && error.name === 'AbortError') return true;
  return 'code' in error && typeof error.code === 'string' && ABORT_CODES.has(error.code);
}

const ABORT_CODES: ReadonlySet<string> = new Set([
  'ABORT_ERR', // Node
  'ERR_ABORTED', // got
  'ERR_CANCELED', // axios
  'UND_ERR_ABORTED', // undici
]);
