import { InvalidOptionError } from '../errors/index.js';
import { publish, SafeEmitter } from '../events/index.js';
import type { Operation } from './attempt.js';
import { Call } from './call.js';
import { CallLog } from './call-log.js';
import { RETRY_CHANNELS } from './channels.js';
import { defaultWatch } from './default-network.js';
import type { RetryerEvents } from './events.js';
import { type Follow, type Follower, runWithin, withFollowers } from './follow.js';
import type { Observer } from './journal.js';
import type { NetworkWatch } from './network-watch.js';
import { applyOptions, DEFAULT_SETTINGS, type RetryOptions, type RetrySettings } from './settings.js';

/**
 * Runs operations until they succeed: with p-retry's options and decisions where they fail by themselves, and with patience where it was the
 * network.
 *
 * It emits `attempt`, `failure`, `pause`, `resume` and `settle`; see {@link RetryerEvents}.
 *
 * @example
 * ```
 * const retryer = createRetryer({ retries: 5, network: monitor });
 * retryer.on('pause', ({ name, reason }) => log.warn(`${name} waits for the network: ${reason}`));
 *
 * await retryer.run((attemptNumber, { signal }) => upload(file, { signal }), { name: 'upload' });
 * ```
 */
export class Retryer extends SafeEmitter<RetryerEvents> {
  readonly #settings: RetrySettings;
  readonly #follows = new Set<Follow>();
  readonly #audience: Audience = {
    hears: (name) => this.isHeard(name),
    tell: (name, ...event) => this.emit(name, ...event),
    follows: this.#follows,
  };

  /** @throws {InvalidOptionError} where an option has a wrong name, type or range. */
  constructor(options: RetryOptions = {}) {
    super(RETRY_CHANNELS);
    this.#settings = applyOptions('Retryer', DEFAULT_SETTINGS, options);
  }

  /**
   * Runs the operation until it succeeds, and resolves with its result. Where it is not to be tried again, rejects with the operation's own
   * error, unchanged; {@link retryReport} tells the history behind it.
   *
   * Where there is no such error it rejects with the reason of the `signal` when that aborts, with `AttemptTimeoutError` when the last
   * attempt exceeded `timeout`, with `OutageTimeoutError` when a pause exceeded `maxPause`, with `NetworkDownError` when the network was lost under
   * one attempt after another and neither `maxOutages` nor `retries` are left, with `MonitorStoppedError` when the monitor is stopped during
   * a pause, and with `InvalidOptionError` where an option has a wrong name, type or range.
   *
   * @param options for this run, before those of the retryer.
   */
  run<Value>(operation: Operation<Value>, options?: RetryOptions): Promise<Value> {
    return start('Retryer.run', operation, this.#settings, options, this.#audience);
  }

  /**
   * A function with the same parameters and the same `this` that runs `fn` until it succeeds. `fn` gets nothing but its own arguments; for
   * work that should be endable, use {@link run} and the signal of its context.
   *
   * @param options for every call of the function, before those of the retryer.
   * @throws {InvalidOptionError} where an option has a wrong name, type or range.
   */
  wrap<This, Arguments extends unknown[], Value>(
    fn: (this: This, ...args: Arguments) => PromiseLike<Value> | Value,
    options?: RetryOptions,
  ): (this: This, ...args: Arguments) => Promise<Value> {
    return wrapWith('Retryer.wrap', fn, settingsFor('Retryer.wrap', this.#settings, options), this.#audience);
  }

  /** @internal Has somebody go along with every call that starts from now on, until the returned function is called. */
  follow(follow: Follow): () => void {
    // An own function each time, so that each is removed by its own return value.
    const own: Follow = (name) => follow(name);
    this.#follows.add(own);
    return () => {
      this.#follows.delete(own);
    };
  }
}

/**
 * Makes a {@link Retryer}.
 *
 * @throws {InvalidOptionError} where an option has a wrong name, type or range.
 */
export function createRetryer(options?: RetryOptions): Retryer {
  return new Retryer(options);
}

/**
 * Runs one operation until it succeeds. The same as p-retry's default export, with a network under it; see {@link Retryer.run}.
 *
 * @example
 * ```
 * const response = await retry((attemptNumber, { signal }) => fetch(url, { signal }), { retries: 5 });
 * ```
 */
export function retry<Value>(operation: Operation<Value>, options?: RetryOptions): Promise<Value> {
  return start('retry', operation, DEFAULT_SETTINGS, options, PASSERS_BY);
}

/**
 * Wraps a function so that each call of it runs until it succeeds. The same as p-retry's export of this name; see {@link Retryer.wrap}.
 *
 * @throws {InvalidOptionError} where an option has a wrong name, type or range.
 */
export function makeRetriable<This, Arguments extends unknown[], Value>(
  fn: (this: This, ...args: Arguments) => PromiseLike<Value> | Value,
  options?: RetryOptions,
): (this: This, ...args: Arguments) => Promise<Value> {
  return wrapWith('makeRetriable', fn, settingsFor('makeRetriable', DEFAULT_SETTINGS, options), PASSERS_BY);
}

function settingsFor(owner: string, base: RetrySettings, options: RetryOptions | undefined): RetrySettings {
  return options === undefined ? base : applyOptions(owner, base, options);
}

/** Those who hear of calls, and those who go along with each. */
interface Audience extends Observer {
  readonly follows: ReadonlySet<Follow>;
}

/** Calls that no retryer made are heard on the channels alone. */
const PASSERS_BY: Audience = {
  hears: (name) => RETRY_CHANNELS[name].hasSubscribers,
  tell: (name, event) => publish(RETRY_CHANNELS[name], undefined, event),
  follows: new Set(),
};

/** Not an async function: that would put a second promise around the one that there is. It never throws all the same. */
function start<Value>(
  owner: string,
  operation: Operation<Value>,
  base: RetrySettings,
  options: RetryOptions | undefined,
  audience: Audience,
): Promise<Value> {
  try {
    if (typeof operation !== 'function') throw new InvalidOptionError(`${owner}: operation`, operation, 'a function');
    return begin(operation, settingsFor(owner, base, options), audience);
  } catch (error) {
    return Promise.reject(error);
  }
}

function begin<Value>(operation: Operation<Value>, settings: RetrySettings, audience: Audience): Promise<Value> {
  const watch = settings.waitForNetwork ? (settings.watch ?? defaultWatch()) : undefined;
  // Nothing is made for nobody: what succeeds at once should cost as little as it can.
  if (settings.logger === undefined && audience.follows.size === 0) {
    return new Call(operation, settings, watch, audience).run();
  }
  return beginFollowed(operation, settings, watch, audience);
}

function beginFollowed<Value>(
  operation: Operation<Value>,
  settings: RetrySettings,
  watch: NetworkWatch | undefined,
  audience: Audience,
): Promise<Value> {
  const followers = followersOf(settings, audience);
  const call = new Call(operation, settings, watch, withFollowers(audience, followers));
  // A follower is given a promise in any case, also where the call throws because it cannot even begin.
  return runWithin(followers, async () => call.run());
}

function followersOf({ logger, name, signal }: RetrySettings, { follows }: Audience): readonly Follower[] {
  const followers = [...follows].map((follow) => follow(name));
  return logger === undefined ? followers : [...followers, new CallLog(logger, signal)];
}

function wrapWith<This, Arguments extends unknown[], Value>(
  owner: string,
  fn: (this: This, ...args: Arguments) => PromiseLike<Value> | Value,
  settings: RetrySettings,
  audience: Audience,
): (this: This, ...args: Arguments) => Promise<Value> {
  if (typeof fn !== 'function') throw new InvalidOptionError(`${owner}: fn`, fn, 'a function');
  return function (...args) {
    return start(owner, () => fn.apply(this, args), settings, undefined, audience);
  };
}
