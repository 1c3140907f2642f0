import { callSafely } from '../events/index.js';
import type { RetryerEvents } from './events.js';
import type { Observer } from './journal.js';

/** Somebody who goes along with one call from its start to its end: a log, a trace. */
export interface Follower extends Partial<RetryerEvents> {
  /** Runs the call, where that is to happen in a context of its own. */
  run?<Value>(call: () => Promise<Value>): Promise<Value>;
}

/** Makes the follower of a call that is about to start. */
export type Follow = (name: string | undefined) => Follower;

/** An observer that tells the followers first. */
export function withFollowers(observer: Observer, followers: readonly Follower[]): Observer {
  return {
    hears: () => true,
    tell: (name, ...event) => {
      for (const follower of followers) {
        const listener = follower[name];
        if (listener) callSafely(() => Reflect.apply(listener, follower, event));
      }
      observer.tell(name, ...event);
    },
  };
}

/** Runs a call within the contexts of its followers, the first one's outermost. */
export function runWithin<Value>(followers: readonly Follower[], call: () => Promise<Value>): Promise<Value> {
  return followers.reduceRight<() => Promise<Value>>(
    (inner, follower) => () => (follower.run === undefined ? inner() : follower.run(inner)),
    call,
  )();
}
