import { MonitorStoppedError } from '../errors/index.js';
import { callSafely } from '../events/index.js';
import type { NetworkChange, NetworkReason, NetworkState, WorkOutcome } from '../monitor/index.js';
import type { NetworkSource } from '../retry/index.js';

/** A state, and why it is so. */
export interface Judgement {
  readonly state: NetworkState;
  readonly reason: NetworkReason;
  /** Whether trials make sense; see `NetworkSource.allowsTrials`. */
  readonly allowsTrials: boolean;
}

/** A network source that is whatever it was last told to be, and that counts who hangs on it. */
export class SimulatedSource implements NetworkSource {
  #judgement: Judgement;
  #isStopped = false;
  readonly #onReport: (outcome: WorkOutcome) => void;
  readonly #listeners = new Set<{ readonly listener: (change: NetworkChange) => void }>();
  readonly #waiters = new Set<Waiter>();
  readonly #tracked = new Set<Tracked>();

  /** @internal */
  constructor(judgement: Judgement, onReport: (outcome: WorkOutcome) => void) {
    this.#judgement = judgement;
    this.#onReport = onReport;
  }

  get state(): NetworkState {
    return this.#judgement.state;
  }

  get reason(): NetworkReason {
    return this.#judgement.reason;
  }

  get allowsTrials(): boolean {
    return this.#judgement.allowsTrials;
  }

  /** How many listeners `onChange` holds. */
  get listeners(): number {
    return this.#listeners.size;
  }

  /** How many promises of `waitForNetwork` are pending. */
  get waiters(): number {
    return this.#waiters.size;
  }

  /** How much work `track` says is in flight. */
  get tracked(): number {
    return this.#tracked.size;
  }

  onChange(listener: (change: NetworkChange) => void): () => void {
    // An entry of its own each time: the same function given twice is called twice.
    const entry = { listener };
    this.#listeners.add(entry);
    return () => {
      this.#listeners.delete(entry);
    };
  }

  async waitForNetwork({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    if (signal?.aborted) throw signal.reason;
    if (this.#isStopped) throw new MonitorStoppedError();
    if (this.state !== 'down') return;
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => settle(() => reject(signal?.reason));
      const settle = (settlePromise: () => void): void => {
        signal?.removeEventListener('abort', onAbort);
        this.#waiters.delete(waiter);
        settlePromise();
      };
      const waiter = { resolve: () => settle(resolve), reject: (error: Error) => settle(() => reject(error)) };
      signal?.addEventListener('abort', onAbort);
      this.#waiters.add(waiter);
    });
  }

  async report(outcome: WorkOutcome): Promise<void> {
    this.#onReport(outcome);
  }

  track(onStranded: (reason: NetworkReason) => void = () => {}): () => void {
    const entry = { onStranded };
    this.#tracked.add(entry);
    return () => {
      this.#tracked.delete(entry);
    };
  }

  /** @internal Takes over a judgement: listeners hear of a change of state first, then those who wait go on. */
  judge(judgement: Judgement): void {
    this.#isStopped = false;
    this.#publish(judgement);
  }

  /** @internal */
  strand(reason: NetworkReason): void {
    const stranded = [...this.#tracked];
    this.#tracked.clear();
    for (const { onStranded } of stranded) callSafely(() => onStranded(reason));
  }

  /** @internal */
  stop(): void {
    this.#isStopped = true;
    for (const waiter of [...this.#waiters]) waiter.reject(new MonitorStoppedError());
    this.#publish({ state: 'unknown', reason: 'stopped', allowsTrials: true });
  }

  #publish(judgement: Judgement): void {
    const from = this.state;
    this.#judgement = judgement;
    if (from === judgement.state) return;
    const change = Object.freeze({ from, to: judgement.state, reason: judgement.reason, at: Date.now(), checks: [] });
    for (const { listener } of [...this.#listeners]) callSafely(() => listener(change));
    if (this.state === 'down') return;
    for (const waiter of [...this.#waiters]) waiter.resolve();
  }
}

interface Waiter {
  resolve(): void;
  reject(error: Error): void;
}

interface Tracked {
  onStranded(reason: NetworkReason): void;
}
