import type { RetryContext } from 'p-retry';
import { type LogFunction, type Logger, loggerRule } from '../log/index.js';
import {
  abortSignal,
  boolean,
  checkOptions,
  either,
  functionRule,
  milliseconds,
  millisecondsOrInfinity,
  networkSourceRule,
  nonEmptyString,
  numberFrom,
  type OptionRules,
  objectWith,
  wholeNumberFrom,
} from '../options/index.js';
import type { PauseEvent, ResumeEvent } from './events.js';
import type { NetworkSource } from './network-source.js';
import { NetworkWatch } from './network-watch.js';

/** How long the network may be lost under an attempt before the attempt is aborted, in milliseconds; Infinity is never. */
export interface InterruptAfter {
  /**
   * Where the kernel says that the path is gone: no carrier, no address, no route.
   *
   * @default 2000
   */
  readonly path?: number | undefined;
  /**
   * Where the path stands but nothing answers.
   *
   * @default 10000
   */
  readonly reach?: number | undefined;
}

/**
 * p-retry's options, with its names, defaults and meaning, and what the network adds to them. Durations are in milliseconds. What is given
 * for one run goes before what the {@link Retryer} was made with; `undefined` means "not given".
 */
export interface RetryOptions {
  /**
   * How often the operation is repeated at most, not counting the first attempt. Infinity for no limit. Attempts that an outage cost do
   * not count.
   *
   * @default 10
   */
  readonly retries?: number | undefined;
  /**
   * By how much the delay grows from one retry to the next.
   *
   * @default 2
   */
  readonly factor?: number | undefined;
  /**
   * The delay before the first retry.
   *
   * @default 1000
   */
  readonly minTimeout?: number | undefined;
  /**
   * The longest delay between two attempts, whatever the formula or the server's Retry-After says.
   *
   * @default Infinity
   */
  readonly maxTimeout?: number | undefined;
  /**
   * Multiplies every delay by a random number from 1 to 2.
   *
   * @default false
   */
  readonly randomize?: boolean | undefined;
  /**
   * How long the call may go on retrying, by a monotonic clock. Paused time does not count, unless `countPausedTime` says so.
   *
   * @default Infinity
   */
  readonly maxRetryTime?: number | undefined;
  /**
   * Called after every failure that is spent, before `shouldConsumeRetry` and `shouldRetry`. If it throws, the call rejects with that.
   */
  readonly onFailedAttempt?: ((context: RetryContext) => void | Promise<void>) | undefined;
  /**
   * Decides whether the operation is tried again. Not asked where no retries or time are left, nor about an `AbortError` or a `TypeError`
   * that is not a network error.
   *
   * @default () => true
   */
  readonly shouldRetry?: ((context: RetryContext) => boolean | Promise<boolean>) | undefined;
  /**
   * Decides whether this failure takes one of the `retries`. If not, the operation is tried again without a backoff.
   *
   * @default () => true
   */
  readonly shouldConsumeRetry?: ((context: RetryContext) => boolean | Promise<boolean>) | undefined;
  /**
   * Ends the call, wherever it is: during an attempt (whose own signal aborts), a backoff, a pause, or a callback. The rejection is the
   * signal's reason. An attempt that does not heed its signal is waited for, unless `abandon` says otherwise.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * Whether the process may end while the call only waits.
   *
   * @default false
   */
  readonly unref?: boolean | undefined;

  /**
   * The network that the work depends on: a `NetworkMonitor`, its `target()`, a `SimulatedNetwork` or your own.
   *
   * @default the monitor that the process shares, started on first use
   */
  readonly network?: NetworkSource | undefined;
  /**
   * Whether outages pause the work. `false` turns the network part off, and what is left is p-retry.
   *
   * @default true
   */
  readonly waitForNetwork?: boolean | undefined;
  /** What the work is called in events, logs, metrics and traces. */
  readonly name?: string | undefined;
  /**
   * Where the call writes down what it goes through: pauses and failed attempts as `warn`, its own failure as `error`, recovery as `info`, the
   * rest as `debug`. `console`, a pino logger or anything else with these four methods gets one line of text at a time; a function gets a
   * `LogRecord`. What it throws becomes a process warning.
   */
  readonly logger?: Logger | LogFunction | undefined;
  /**
   * How long one pause may last. Then the call rejects with the last error of the operation, or `OutageTimeoutError` where there was none.
   *
   * @default Infinity
   */
  readonly maxPause?: number | undefined;
  /**
   * How many attempts may be lost to outages, without progress in between, before such failures are spent like any other. It bounds a call on
   * a network that never holds for as long as one attempt takes.
   *
   * @default 100
   */
  readonly maxOutages?: number | undefined;
  /**
   * How long the network may be lost under an attempt before the attempt is aborted: one number, or one for each kind of loss. Connections
   * over a dead link report nothing for a quarter of an hour.
   *
   * @default { path: 2000, reach: 10000 }
   */
  readonly interruptAfter?: number | InterruptAfter | undefined;
  /**
   * Whether doing it twice does no harm. `false` neither interrupts an attempt nor repeats one that may have been sent: only failures to look up
   * the name or to connect are repeated.
   *
   * @default true
   */
  readonly idempotent?: boolean | undefined;
  /**
   * Whether to go on without an aborted attempt that does not settle: `true` after a second, a number after as many milliseconds. With `false`
   * the next attempt never overlaps the last.
   *
   * @default false
   */
  readonly abandon?: boolean | number | undefined;
  /**
   * How long one attempt may take before it is aborted with `AttemptTimeoutError`.
   *
   * @default Infinity
   */
  readonly timeout?: number | undefined;
  /**
   * How often, during a pause, one of all the operations that wait for the same network is tried nevertheless, so that a network that is
   * wrongly said to be down costs time and never the work. Where check hosts are silent although there is a path, which is less certain than
   * the kernel's word, the first trials come sooner: 1/32, 1/16, … of it, each after the one before, save with `idempotent: false`. Infinity for never.
   *
   * @default 30000
   */
  readonly trialInterval?: number | undefined;
  /**
   * Whether `maxRetryTime` runs on during a pause, and ends it.
   *
   * @default false
   */
  readonly countPausedTime?: boolean | undefined;
  /** Called when the call begins to wait for the network. What it throws becomes a process warning. */
  readonly onPause?: ((event: PauseEvent) => void) | undefined;
  /** Called when the call goes on. What it throws becomes a process warning. */
  readonly onResume?: ((event: ResumeEvent) => void) | undefined;
}

/** Options that were checked and completed. */
export interface RetrySettings {
  readonly retries: number;
  readonly factor: number;
  readonly minTimeout: number;
  readonly maxTimeout: number;
  readonly randomize: boolean;
  readonly maxRetryTime: number;
  readonly onFailedAttempt: RetryOptions['onFailedAttempt'];
  readonly shouldRetry: RetryOptions['shouldRetry'];
  readonly shouldConsumeRetry: RetryOptions['shouldConsumeRetry'];
  readonly signal: AbortSignal | undefined;
  readonly unref: boolean;
  /** What watches `network`, where one was given. */
  readonly watch: NetworkWatch | undefined;
  readonly waitForNetwork: boolean;
  readonly name: string | undefined;
  readonly logger: Logger | LogFunction | undefined;
  readonly maxPause: number;
  readonly maxOutages: number;
  readonly interruptAfter: { readonly path: number; readonly reach: number };
  readonly idempotent: boolean;
  /** `abandon` as milliseconds; `undefined` is never. */
  readonly abandonAfter: number | undefined;
  readonly timeout: number;
  readonly trialInterval: number;
  readonly countPausedTime: boolean;
  readonly onPause: RetryOptions['onPause'];
  readonly onResume: RetryOptions['onResume'];
}

/** What `abandon: true` stands for: long enough for a client to tear down its sockets, too short to be felt in an outage. */
const DEFAULT_GRACE = 1000;

export const DEFAULT_SETTINGS: RetrySettings = Object.freeze({
  retries: 10,
  factor: 2,
  minTimeout: 1000,
  maxTimeout: Number.POSITIVE_INFINITY,
  randomize: false,
  maxRetryTime: Number.POSITIVE_INFINITY,
  onFailedAttempt: undefined,
  shouldRetry: undefined,
  shouldConsumeRetry: undefined,
  signal: undefined,
  unref: false,
  watch: undefined,
  waitForNetwork: true,
  name: undefined,
  logger: undefined,
  maxPause: Number.POSITIVE_INFINITY,
  maxOutages: 100,
  interruptAfter: { path: 2000, reach: 10_000 },
  idempotent: true,
  abandonAfter: undefined,
  timeout: Number.POSITIVE_INFINITY,
  trialInterval: 30_000,
  countPausedTime: false,
  onPause: undefined,
  onResume: undefined,
});

/**
 * Puts options over settings.
 *
 * @throws {InvalidOptionError} where an option has a wrong name, type or range.
 */
export function applyOptions(owner: string, base: RetrySettings, options: RetryOptions): RetrySettings {
  checkOptions(owner, options, RULES);
  return {
    retries: options.retries ?? base.retries,
    factor: options.factor ?? base.factor,
    minTimeout: options.minTimeout ?? base.minTimeout,
    maxTimeout: options.maxTimeout ?? base.maxTimeout,
    randomize: options.randomize ?? base.randomize,
    maxRetryTime: options.maxRetryTime ?? base.maxRetryTime,
    onFailedAttempt: options.onFailedAttempt ?? base.onFailedAttempt,
    shouldRetry: options.shouldRetry ?? base.shouldRetry,
    shouldConsumeRetry: options.shouldConsumeRetry ?? base.shouldConsumeRetry,
    signal: options.signal ?? base.signal,
    unref: options.unref ?? base.unref,
    watch: options.network === undefined ? base.watch : NetworkWatch.of(options.network),
    waitForNetwork: options.waitForNetwork ?? base.waitForNetwork,
    name: options.name ?? base.name,
    logger: options.logger ?? base.logger,
    maxPause: options.maxPause ?? base.maxPause,
    maxOutages: options.maxOutages ?? base.maxOutages,
    interruptAfter: options.interruptAfter === undefined ? base.interruptAfter : bothOf(options.interruptAfter, base),
    idempotent: options.idempotent ?? base.idempotent,
    abandonAfter: options.abandon === undefined ? base.abandonAfter : graceOf(options.abandon),
    timeout: options.timeout ?? base.timeout,
    trialInterval: options.trialInterval ?? base.trialInterval,
    countPausedTime: options.countPausedTime ?? base.countPausedTime,
    onPause: options.onPause ?? base.onPause,
    onResume: options.onResume ?? base.onResume,
  };
}

function bothOf(given: number | InterruptAfter, base: RetrySettings): RetrySettings['interruptAfter'] {
  if (typeof given === 'number') return { path: given, reach: given };
  return { path: given.path ?? base.interruptAfter.path, reach: given.reach ?? base.interruptAfter.reach };
}

function graceOf(abandon: boolean | number): number | undefined {
  if (typeof abandon === 'number') return abandon;
  return abandon ? DEFAULT_GRACE : undefined;
}

/** Longer than a timer can hold is a wait of 24 days: no reason to refuse what p-retry takes. */
const anyDelay = numberFrom(0, Number.POSITIVE_INFINITY, 'milliseconds');

const orNever = millisecondsOrInfinity();

const RULES: OptionRules<RetryOptions> = {
  retries: wholeNumberFrom(0, Number.POSITIVE_INFINITY),
  factor: numberFrom(0, Number.MAX_VALUE),
  minTimeout: milliseconds(),
  maxTimeout: anyDelay,
  randomize: boolean,
  maxRetryTime: anyDelay,
  onFailedAttempt: functionRule,
  shouldRetry: functionRule,
  shouldConsumeRetry: functionRule,
  signal: abortSignal,
  unref: boolean,
  network: networkSourceRule,
  waitForNetwork: boolean,
  name: nonEmptyString,
  logger: loggerRule,
  maxPause: anyDelay,
  maxOutages: wholeNumberFrom(0, Number.POSITIVE_INFINITY),
  interruptAfter: either(
    orNever,
    objectWith('{ path, reach } with each of them such a number', (value) =>
      Object.entries(value).every(
        ([name, limit]) => (name === 'path' || name === 'reach') && (limit === undefined || orNever.accepts(limit)),
      ),
    ),
  ),
  idempotent: boolean,
  abandon: either(boolean, milliseconds()),
  timeout: millisecondsOrInfinity(1),
  trialInterval: millisecondsOrInfinity(1),
  countPausedTime: boolean,
  onPause: functionRule,
  onResume: functionRule,
};
