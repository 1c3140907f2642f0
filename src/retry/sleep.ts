import { setImmediate } from 'node:timers';
import { onAbort, throwIfAborted } from '../events/index.js';
import { LONGEST_TIMER } from '../options/index.js';

export interface SleepOptions {
  readonly signal: AbortSignal | undefined;
  /** Whether the process may end during the sleep. */
  readonly unref: boolean;
  /** Subscribes to whatever ends the sleep early; returns its unsubscription. */
  readonly onWake?: (wake: () => void) => () => void;
}

/**
 * Sleeps for a number of milliseconds, and says whether it was woken before.
 *
 * @throws the signal's reason when aborted.
 */
export async function sleep(duration: number, options: SleepOptions): Promise<'elapsed' | 'woken'> {
  throwIfAborted(options.signal);
  return new Promise((resolve, reject) => {
    const cleanUps: (() => void)[] = [];
    const settle = (settlePromise: () => void): void => {
      for (const cleanUp of cleanUps) cleanUp();
      settlePromise();
    };
    const { signal, onWake } = options;
    if (signal) cleanUps.push(onAbort(signal, () => settle(() => reject(signal.reason))));
    if (onWake) cleanUps.push(onWake(() => settle(() => resolve('woken'))));
    const timer = startTimer(duration, options.unref, () => settle(() => resolve('elapsed')));
    cleanUps.push(() => clearTimeout(timer));
  });
}

/** A timer of the global clock, looked up at every call so that fake timers work. Longer than a timer can hold means as long as it can. */
export function startTimer(duration: number, unref: boolean, callback: () => void): NodeJS.Timeout {
  const timer = setTimeout(callback, Math.min(duration, LONGEST_TIMER));
  // Optional, for the fake timers of a test that runs as in a browser are numbers.
  if (unref) timer.unref?.();
  return timer;
}

/**
 * Lets timers and I/O have their turn. It takes no time, so the fake clock of a test must not be able to hold it up: hence not the global
 * function, and the one that was there when this module was loaded.
 */
export function breathe(): Promise<void> {
  return new Promise((resolve) => {
    nextTurn(resolve);
  });
}

const nextTurn = setImmediate;
