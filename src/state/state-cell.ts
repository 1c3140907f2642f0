import { MonitorStoppedError, OutageTimeoutError } from '../errors/index.js';
import { callSafely, KeepAlive, onAbort } from '../events/index.js';
import { abortSignal, boolean, checkOptions, millisecondsOrInfinity, type OptionRules } from '../options/index.js';
import type { CheckResult, NetworkChange } from './network-state.js';
import type { Verdict } from './verdict.js';

/** How to wait for the network. */
export interface WaitOptions {
  /** Ends the wait; it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * The longest wait in milliseconds; then it rejects with `OutageTimeoutError`.
   *
   * @default Infinity
   */
  readonly timeout?: number | undefined;
  /**
   * Whether the process may end during the wait.
   *
   * @default false
   */
  readonly unref?: boolean | undefined;
}

const WAIT_RULES: OptionRules<WaitOptions> = {
  signal: abortSignal,
  timeout: millisecondsOrInfinity(),
  unref: boolean,
};

interface Waiter {
  resolve(): void;
  reject(reason: unknown): void;
}

/** A published state with those who listen to it and those who wait for it to be something else than `down`. */
export class StateCell {
  #verdict: Verdict;
  #since = Date.now();
  #recoveries = 0;
  #running = false;
  readonly #listeners = new Set<(change: NetworkChange) => void>();
  readonly #waiters = new Set<Waiter>();
  readonly #onIdle: () => void;
  readonly #undelivered: NetworkChange[] = [];
  #delivering = false;
  readonly #keepAlive = new KeepAlive();

  /** @param onIdle called when the last listener or waiter has gone. */
  constructor(initial: Verdict, onIdle: () => void = () => {}) {
    this.#verdict = initial;
    this.#onIdle = onIdle;
  }

  get verdict(): Verdict {
    return this.#verdict;
  }

  /** When the state was entered: milliseconds since the epoch. */
  get since(): number {
    return this.#since;
  }

  /** How often the state has changed from `down` to another. */
  get recoveries(): number {
    return this.#recoveries;
  }

  /** How many listeners there are. */
  get listeners(): number {
    return this.#listeners.size;
  }

  /** How many waits are pending. */
  get waiters(): number {
    return this.#waiters.size;
  }

  /** Whether anybody listens or waits. */
  get observed(): boolean {
    return this.#listeners.size > 0 || this.#waiters.size > 0;
  }

  /** Lets waiters in; until then, and after `stop`, waiting is refused. */
  run(): void {
    this.#running = true;
  }

  /**
   * Sets the state. Tells the listeners when it is another one, or `down` for another reason: how long an attempt may hang depends on that.
   */
  publish(verdict: Verdict, checks: () => readonly CheckResult[]): void {
    const before = this.#verdict;
    const from = before.state;
    this.#verdict = verdict;
    if (from === verdict.state && (from !== 'down' || before.reason === verdict.reason)) return;
    const at = Date.now();
    if (from !== verdict.state) this.#since = at;
    if (from === 'down' && verdict.state !== 'down') this.#recoveries += 1;
    const change: NetworkChange = Object.freeze({
      from,
      to: verdict.state,
      reason: verdict.reason,
      at,
      ...(verdict.interface !== undefined && { interface: verdict.interface }),
      checks: checks(),
    });
    this.#undelivered.push(change);
    this.#deliver();
  }

  /** Settles every waiter with `MonitorStoppedError`; the listeners stay. */
  stop(): void {
    this.#running = false;
    const error = new MonitorStoppedError();
    this.#settle((waiter) => waiter.reject(error));
  }

  onChange(listener: (change: NetworkChange) => void): () => void {
    // An own function each time, so that a listener which is given twice is called twice and each is removed by its own return value.
    const own = (change: NetworkChange): void => listener(change);
    this.#listeners.add(own);
    return () => {
      if (this.#listeners.delete(own)) this.#reviewIdle();
    };
  }

  /** Checks and waits in one step, so that no change can fall between the two. */
  async wait(options: WaitOptions = {}): Promise<void> {
    checkOptions('waitForNetwork', options, WAIT_RULES);
    const { signal, timeout = Number.POSITIVE_INFINITY, unref = false } = options;
    if (signal?.aborted === true) throw signal.reason;
    if (!this.#running) throw new MonitorStoppedError();
    if (this.#verdict.state !== 'down') return;
    await new Promise<void>((resolve, reject) => {
      const waiter: Waiter = {
        resolve: () => leave(resolve),
        reject: (reason) => leave(() => reject(reason)),
      };
      const leave = (settle: () => void): void => {
        clearTimeout(timer);
        releaseSignal?.();
        releaseProcess?.();
        this.#waiters.delete(waiter);
        settle();
        this.#reviewIdle();
      };
      const timer = Number.isFinite(timeout)
        ? setTimeout(() => waiter.reject(new OutageTimeoutError(timeout)), timeout)
        : undefined;
      if (unref) timer?.unref();
      // A monitor keeps no process alive, but somebody who waits for it has asked to see the end of that.
      const releaseProcess = unref ? undefined : this.#keepAlive.hold();
      const releaseSignal = signal && onAbort(signal, () => waiter.reject(signal.reason));
      this.#waiters.add(waiter);
    });
  }

  /** One change after the other, also where a listener causes the next one: everybody hears of them in the order in which they happened. */
  #deliver(): void {
    if (this.#delivering) return;
    this.#delivering = true;
    for (let change = this.#undelivered.shift(); change !== undefined; change = this.#undelivered.shift()) {
      const told = change;
      // A copy: a listener may subscribe or unsubscribe others.
      for (const listener of [...this.#listeners]) callSafely(() => listener(told));
    }
    this.#delivering = false;
    if (this.#verdict.state !== 'down') this.#settle((waiter) => waiter.resolve());
  }

  #settle(settle: (waiter: Waiter) => void): void {
    for (const waiter of [...this.#waiters]) settle(waiter);
  }

  #reviewIdle(): void {
    if (!this.observed) this.#onIdle();
  }
}
