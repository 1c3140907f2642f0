import type { Retryer, RetryerEvents } from '../retry/index.js';
import { subscribe } from './channel-messages.js';

/** Has calls heard by some listeners, until the returned function is called. */
export type HearCalls = (listeners: Partial<RetryerEvents>) => () => void;

/** Every call of this thread, also those that no retryer made. */
export const everyCall: HearCalls = ({ attempt, failure, pause, resume, settle }) => {
  const subscriptions = [
    attempt && subscribe('netpause.retry.attempt', ({ event }) => attempt(event)),
    failure && subscribe('netpause.retry.failure', ({ event }) => failure(event)),
    pause && subscribe('netpause.retry.pause', ({ event }) => pause(event)),
    resume && subscribe('netpause.retry.resume', ({ event }) => resume(event)),
    settle && subscribe('netpause.retry.settle', ({ event }) => settle(event)),
  ];
  return () => {
    for (const unsubscribe of subscriptions) unsubscribe?.();
  };
};

/** The calls of these retryers. */
export function callsOf(retryers: Iterable<Retryer>): HearCalls {
  return ({ attempt, failure, pause, resume, settle }) => {
    const listening = new Set(retryers);
    for (const retryer of listening) {
      if (attempt) retryer.on('attempt', attempt);
      if (failure) retryer.on('failure', failure);
      if (pause) retryer.on('pause', pause);
      if (resume) retryer.on('resume', resume);
      if (settle) retryer.on('settle', settle);
    }
    return () => {
      for (const retryer of listening) {
        if (attempt) retryer.off('attempt', attempt);
        if (failure) retryer.off('failure', failure);
        if (pause) retryer.off('pause', pause);
        if (resume) retryer.off('resume', resume);
        if (settle) retryer.off('settle', settle);
      }
    };
  };
}
