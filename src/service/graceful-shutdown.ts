import { constants } from 'node:os';
import { InvalidOptionError, toError } from '../errors/index.js';
import {
  arrayOf,
  checkOptions,
  either,
  functionRule,
  milliseconds,
  type OptionRules,
  objectWith,
} from '../options/index.js';
import { ShutdownError } from './shutdown-error.js';
import { warn } from './warn.js';

/** What is stopped last, when no work depends on it any more: a `NetworkMonitor`, for one. */
export interface Stoppable {
  /** Ends it; its promise is waited for, a second at most. */
  stop(): PromiseLike<void> | void;
}

/** How a service ends. */
export interface GracefulShutdownOptions {
  /** The monitor, or monitors, to stop at the end. */
  readonly monitor?: Stoppable | readonly Stoppable[] | undefined;
  /**
   * Milliseconds that work may take to come to its end by itself. Keep it below the time after which your supervisor kills: 10 s for
   * Docker, 30 s for Kubernetes, 90 s for systemd.
   *
   * @default 8_000
   */
  readonly grace?: number | undefined;
  /**
   * The signals of the operating system that begin it. `[]` leaves that to {@link GracefulShutdown.begin}.
   *
   * @default ['SIGTERM', 'SIGINT']
   */
  readonly signals?: readonly NodeJS.Signals[] | undefined;
}

/**
 * How it went.
 *
 * - `drained`: all work came to its end by itself.
 * - `aborted`: the grace was over, and the rest ended when it was aborted.
 * - `abandoned`: something did not heed that, or a monitor did not stop, and may still run.
 */
export type ShutdownOutcome = 'drained' | 'aborted' | 'abandoned';

/** Work to be waited for: called when the shutdown begins, with the `signal` that aborts when the grace is over. */
export type DrainTask = (signal: AbortSignal) => PromiseLike<unknown> | unknown;

/** The end of a service, step by step; see {@link gracefulShutdown}. */
export interface GracefulShutdown extends AsyncDisposable {
  /** Aborts as soon as the shutdown begins, with a `ShutdownError`: take on nothing new. */
  readonly stopping: AbortSignal;
  /** Aborts when all work is done or the grace is over, with a `ShutdownError`. Give it to retryers and whatever else works. */
  readonly signal: AbortSignal;
  /** Resolves when it is over. Never rejects. */
  readonly done: Promise<ShutdownOutcome>;
  /** Adds something to wait for, such as the closing of a server. Once the shutdown has begun it is called at once. */
  drain(task: DrainTask): void;
  /** Begins the shutdown, or joins the one that has begun, and resolves when it is over. */
  begin(): Promise<ShutdownOutcome>;
  /** `begin`, at the end of the block of an `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Ends a service in good order at SIGTERM and SIGINT: nothing new is taken on, work in flight gets a grace period and is aborted after that,
 * and the monitor is stopped last. Then nothing of netpause is left, and the process ends when nothing of yours is.
 *
 * A second signal ends the process at once, as if nobody listened.
 *
 * @throws {InvalidOptionError} where an option has a wrong name, type or range.
 *
 * @example
 * ```
 * const shutdown = gracefulShutdown({ monitor });
 * const retryer = createRetryer({ network: monitor, signal: shutdown.signal });
 * shutdown.drain(() => new Promise((resolve) => server.close(resolve)));
 * ```
 */
export function gracefulShutdown(options: GracefulShutdownOptions = {}): GracefulShutdown {
  checkOptions('gracefulShutdown', options, RULES);
  return new Shutdown(options);
}

const RULES: OptionRules<GracefulShutdownOptions> = {
  monitor: either(
    objectWith('an object with stop()', isStoppable),
    arrayOf(objectWith('an object with stop()', isStoppable), 'an array of such'),
  ),
  grace: milliseconds(),
  signals: arrayOf(
    { allowed: 'a signal', accepts: (value) => typeof value === 'string' && Object.hasOwn(constants.signals, value) },
    "an array of names of signals, such as 'SIGTERM'",
  ),
};

/** Docker kills after 10 s unless told otherwise, and every other supervisor later. */
const DEFAULT_GRACE = 8_000;

/** Milliseconds for aborted work to unwind, and after that for the monitors to stop. */
const UNWINDING = 1_000;

/** `npm start` passes Ctrl-C on to a child that the terminal has sent it to already: two signals this close are one, in milliseconds. */
const ECHO = 500;

class Shutdown implements GracefulShutdown {
  readonly done: Promise<ShutdownOutcome>;
  readonly #stoppables: readonly Stoppable[];
  readonly #grace: number;
  readonly #signals: readonly NodeJS.Signals[];
  readonly #stopping = new AbortController();
  readonly #abort = new AbortController();
  readonly #tasks = new Set<DrainTask>();
  readonly #running = new Set<Promise<void>>();
  readonly #onSignal = (signal: NodeJS.Signals): void => this.#obey(signal);
  #resolveDone: (outcome: ShutdownOutcome) => void = () => {};
  #hasBegun = false;
  #signalledAt: number | undefined;

  constructor({ monitor = [], grace = DEFAULT_GRACE, signals = ['SIGTERM', 'SIGINT'] }: GracefulShutdownOptions) {
    this.done = new Promise((resolve) => {
      this.#resolveDone = resolve;
    });
    this.#stoppables = [monitor].flat();
    this.#grace = grace;
    this.#signals = [...signals];
    for (const signal of this.#signals) process.on(signal, this.#onSignal);
  }

  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  drain(task: DrainTask): void {
    if (!functionRule.accepts(task)) throw new InvalidOptionError('drain: task', task, functionRule.allowed);
    if (!this.#hasBegun) this.#tasks.add(task);
    else this.#start(task);
  }

  begin(): Promise<ShutdownOutcome> {
    this.#begin('program');
    return this.done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.begin();
  }

  #obey(signal: NodeJS.Signals): void {
    if (this.#signalledAt === undefined) {
      this.#signalledAt = performance.now();
      this.#begin(signal);
    } else if (performance.now() - this.#signalledAt > ECHO) {
      this.#unlisten();
      process.kill(process.pid, signal);
    }
  }

  #begin(trigger: NodeJS.Signals | 'program'): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    void this.#shutDown(new ShutdownError(trigger)).then(this.#resolveDone);
  }

  async #shutDown(reason: ShutdownError): Promise<ShutdownOutcome> {
    this.#stopping.abort(reason);
    for (const task of this.#tasks) this.#start(task);
    const drained = await settlesWithin(this.#grace, this.#settled());
    this.#abort.abort(reason);
    const ended = await settlesWithin(UNWINDING, this.#settled());
    const stops = this.#stoppables.map((stoppable) => guarded(() => stoppable.stop()));
    const stopped = await settlesWithin(UNWINDING, Promise.all(stops));
    this.#unlisten();
    if (!ended || !stopped) return 'abandoned';
    return drained ? 'drained' : 'aborted';
  }

  #start(task: DrainTask): void {
    const running = guarded(() => task(this.signal), this.signal);
    this.#running.add(running);
    void running.then(() => this.#running.delete(running));
  }

  /** Resolves when all that runs has settled, what was added meanwhile included. */
  async #settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #unlisten(): void {
    for (const signal of this.#signals) process.off(signal, this.#onSignal);
  }
}

async function settlesWithin(limit: number, steps: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), limit);
  });
  const inTime = await Promise.race([steps.then(() => true), timeUp]);
  clearTimeout(timer);
  return inTime;
}

/** What one step throws keeps no other from being taken. That work fails when it is aborted is as it should be. */
async function guarded(step: () => unknown, aborted?: AbortSignal): Promise<void> {
  try {
    await step();
  } catch (error) {
    if (aborted?.aborted !== true) warn(toError(error));
  }
}

function isStoppable(value: object): boolean {
  return 'stop' in value && typeof value.stop === 'function';
}
