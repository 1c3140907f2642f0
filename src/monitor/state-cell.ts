import { MonitorStoppedError, OutageTimeoutError } from '../errors/index.js';
import { callSafely } from '../events/index.js';
import { abortSignal, boolean, checkOptions, millisecondsOrInfinity, type OptionRules } from '../options/index.js';
import type { Verdict } from './judge.js';
import type { CheckResult, NetworkChange } from './network-state.js';

/** How to wait for the network. */
export interface WaitOptions {
  /** Ends the wait; it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /**
   * The longest wait in milliseconds; then it rejects with `OutageTimeoutError`.
   *
   * @default Infinity
   */
  readonly timeout?: number;
  /**
   * Whether the process may end during the wait.
   *
   * @default false
   */
  readonly unref?: boolean;
}

const WAIT_RULES: OptionRules<WaitOptions> = {
  signal: abortSignal,
  timeout: millisecondsOrInfinity(),
  unref: boolean,
};

interface Waiter {
  readonly keepsAlive: boolean;
  resolve(): void;
  reject(reason: unknown): void;
}

/** A published state with those who listen to it and those who wait for it to be something else than `down`. */
export class StateCell {
  #verdict: Verdict;
  #since = Date.now();
  #running = false;
  readonly #listeners = new Set<(change: NetworkChange) => void>();
  readonly #waiters = new Set<Waiter>();
  readonly #onIdle: () => void;
  #keepAlive: NodeJS.Timeout | undefined;

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

  /** Whether anybody waits. */
  get awaited(): boolean {
    return this.#waiters.size > 0;
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
   * Returns the change of state, if it is one.
   */
  publish(verdict: Verdict, checks: () => readonly CheckResult[]): NetworkChange | undefined {
    const before = this.#verdict;
    const from = before.state;
    this.#verdict = verdict;
    if (from === verdict.state && (from !== 'down' || before.reason === verdict.reason)) return undefined;
    const at = Date.now();
    if (from !== verdict.state) this.#since = at;
    const change: NetworkChange = Object.freeze({
      from,
      to: verdict.state,
      reason: verdict.reason,
      at,
      ...(verdict.interface !== undefined && { interface: verdict.interface }),
      checks: checks(),
    });
    // A copy: a listener may subscribe or unsubscribe others.
    for (const listener of [...this.#listeners]) callSafely(() => listener(change));
    if (verdict.state !== 'down') this.#settle((waiter) => waiter.resolve());
    return from === verdict.state ? undefined : change;
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
        keepsAlive: !unref,
        resolve: () => leave(resolve),
        reject: (reason) => leave(() => reject(reason)),
      };
      const leave = (settle: () => void): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        this.#waiters.delete(waiter);
        this.#reviewKeepAlive();
        settle();
        this.#reviewIdle();
      };
      const onAbort = (): void => waiter.reject(signal?.reason);
      const timer = Number.isFinite(timeout)
        ? setTimeout(() => waiter.reject(new OutageTimeoutError(timeout)), timeout)
        : undefined;
      if (unref) timer?.unref();
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiters.add(waiter);
      this.#reviewKeepAlive();
    });
  }

  #settle(settle: (waiter: Waiter) => void): void {
    for (const waiter of [...this.#waiters]) settle(waiter);
  }

  /** The monitor alone keeps no process alive, but somebody who waits for it has asked to see the end of that. */
  #reviewKeepAlive(): void {
    if ([...this.#waiters].some(({ keepsAlive }) => keepsAlive)) {
      this.#keepAlive ??= setInterval(() => {}, 2 ** 30);
    } else {
      clearInterval(this.#keepAlive);
      this.#keepAlive = undefined;
    }
  }

  #reviewIdle(): void {
    if (!this.observed) this.#onIdle();
  }
}
