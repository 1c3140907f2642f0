import type { Options, RetryContext } from 'p-retry';
import { orAborted, throwIfAborted } from '../events/index.js';
import { backoffDelay } from './backoff.js';
import type { Failure } from './failure.js';
import type { RetrySettings } from './settings.js';
import { originalOf } from './stand-in.js';

/** A failure that is to be spent. */
export interface Spent {
  readonly kind: 'spent';
  readonly failure: Failure;
  readonly attemptNumber: number;
  /** Whether it must not be repeated, whatever retries are left. */
  readonly isFinal: boolean;
  /** Whether the work got ahead since the last failure that was spent, so that the retries are counted anew. */
  readonly restartsCount: boolean;
}

/** What p-retry is asked on behalf of. */
export interface Spender {
  readonly settings: RetrySettings;
  /** What is left of `maxRetryTime`, in milliseconds. */
  readonly timeLeft: number;
  /** Takes the delay, in milliseconds, with which the next attempt has to begin. */
  delayNext(delay: number): void;
}

/**
 * The options for p-retry. It decides whether a failure is followed by another attempt, and asks the user's callbacks; but it gets no delay, no
 * deadline and no signal, for it could neither wake, nor pause, nor race them. They are applied here, at the points and in the order
 * in which its own `onAttemptFailure` would (index.js of 7.1).
 *
 * @param lastSpent the failure that it is asked about.
 * @param attemptsBefore how many attempts had been counted when p-retry was entered.
 */
export function policyFor(spender: Spender, lastSpent: () => Spent, attemptsBefore: number): Options {
  const { settings } = spender;
  let timeLeft = Number.POSITIVE_INFINITY;
  let consumes = true;

  async function ask<Answer>(
    callback: ((context: RetryContext) => Answer | Promise<Answer>) | undefined,
    context: RetryContext,
    answer: Answer,
  ): Promise<Answer> {
    throwIfAborted(settings.signal);
    if (callback === undefined) return answer;
    // A callback that never settles must not hold up an abort.
    return orAborted(Promise.resolve(callback(contextFor(context, attemptsBefore))), settings.signal);
  }

  return {
    retries: settings.retries,
    minTimeout: 0,
    async onFailedAttempt(context) {
      await ask(settings.onFailedAttempt, context, undefined);
      if (lastSpent().isFinal || spender.timeLeft <= 0) throw context.error;
    },
    async shouldConsumeRetry(context) {
      consumes = Boolean(await ask(settings.shouldConsumeRetry, context, true));
      timeLeft = spender.timeLeft;
      if (timeLeft <= 0) throw context.error;
      spender.delayNext(FREE_DELAY);
      return consumes;
    },
    async shouldRetry(context) {
      if (!(await ask(settings.shouldRetry, context, true))) return false;
      if (consumes) {
        const delay = backoffDelay(context.retriesConsumed, settings, retryAfterOf(lastSpent().failure));
        spender.delayNext(Math.min(delay, timeLeft));
      }
      return true;
    },
  };
}

/**
 * Before an attempt that takes no retry, in milliseconds. p-retry begins it at once, so that an operation that fails at once and for ever keeps
 * timers and I/O from ever having a turn, the abort of its own signal included.
 */
const FREE_DELAY = 1;

/** p-retry counts from 1 each time that it is entered, the call only once; and it may have been given a stand-in. */
function contextFor(context: RetryContext, attemptsBefore: number): RetryContext {
  const error = originalOf(context.error);
  if (attemptsBefore === 0 && error === context.error) return context;
  return Object.freeze({ ...context, error, attemptNumber: attemptsBefore + context.attemptNumber });
}

function retryAfterOf({ class: failureClass }: Failure): number | undefined {
  return failureClass.kind === 'response' ? failureClass.retryAfter : undefined;
}
