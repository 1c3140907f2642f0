import { callSafely } from '../events/index.js';
import type { NetworkSource } from '../retry/index.js';
import {
  type Judgement,
  type NetworkChange,
  type NetworkReason,
  type NetworkState,
  StateCell,
  type WaitOptions,
  type WorkOutcome,
} from '../state/index.js';

/** What a simulated source is told to be. */
export interface SimulatedVerdict {
  readonly judgement: Judgement;
  /** Whether trials make sense; see `NetworkSource.allowsTrials`. */
  readonly allowsTrials: boolean;
}

/** A network source that is whatever it was last told to be, and that counts who hangs on it. */
export class SimulatedSource implements NetworkSource {
  readonly #cell: StateCell;
  #allowsTrials: boolean;
  readonly #onReport: (outcome: WorkOutcome) => void;
  readonly #tracked = new Set<Tracked>();

  /** @internal */
  constructor({ judgement, allowsTrials }: SimulatedVerdict, onReport: (outcome: WorkOutcome) => void) {
    this.#cell = new StateCell(judgement);
    this.#cell.run();
    this.#allowsTrials = allowsTrials;
    this.#onReport = onReport;
  }

  get state(): NetworkState {
    return this.#cell.verdict.state;
  }

  get reason(): NetworkReason {
    return this.#cell.verdict.reason;
  }

  get allowsTrials(): boolean {
    return this.#allowsTrials;
  }

  /** How many listeners `onChange` holds. */
  get listeners(): number {
    return this.#cell.listeners;
  }

  /** How many promises of `waitForNetwork` are pending. */
  get waiters(): number {
    return this.#cell.waiters;
  }

  /** How much work `track` says is in flight. */
  get tracked(): number {
    return this.#tracked.size;
  }

  onChange(listener: (change: NetworkChange) => void): () => void {
    return this.#cell.onChange(listener);
  }

  waitForNetwork(options?: WaitOptions): Promise<void> {
    return this.#cell.wait(options);
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

  /** @internal Takes over a judgement: listeners hear of a change first, then those who wait go on. */
  judge({ judgement, allowsTrials }: SimulatedVerdict): void {
    this.#allowsTrials = allowsTrials;
    this.#cell.run();
    this.#cell.publish(judgement, () => []);
  }

  /** @internal */
  strand(reason: NetworkReason): void {
    const stranded = [...this.#tracked];
    this.#tracked.clear();
    for (const { onStranded } of stranded) callSafely(() => onStranded(reason));
  }

  /** @internal */
  stop(): void {
    this.#allowsTrials = true;
    this.#cell.stop();
    this.#cell.publish({ state: 'unknown', reason: 'stopped' }, () => []);
  }
}

interface Tracked {
  onStranded(reason: NetworkReason): void;
}
