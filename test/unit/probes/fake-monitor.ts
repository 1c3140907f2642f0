import type { ProbeMonitor } from '../../../src/probes/index.js';
import type { NetworkReason, NetworkState, WorkOutcome } from '../../../src/state/index.js';

/** A monitor at the test's command. */
export class FakeMonitor implements ProbeMonitor {
  state: NetworkState = 'up';
  reason: NetworkReason = 'reachable';
  readonly reports: WorkOutcome[] = [];
  readonly targets = new Map<string, FakeMonitor>();
  /** What a look after a failure finds. */
  finds: { readonly state: NetworkState; readonly reason: NetworkReason } | undefined;
  readonly #listeners = new Set<() => void>();

  get listeners(): number {
    return this.#listeners.size;
  }

  become(state: NetworkState, reason: NetworkReason): void {
    this.state = state;
    this.reason = reason;
    for (const listener of [...this.#listeners]) listener();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async report(outcome: WorkOutcome): Promise<void> {
    this.reports.push(outcome);
    if (this.finds !== undefined) this.become(this.finds.state, this.finds.reason);
  }
}

/** One that judges destinations by themselves. */
export class FakeMonitorWithTargets extends FakeMonitor {
  target(destination: string): FakeMonitor {
    const target = this.targets.get(destination) ?? new FakeMonitor();
    this.targets.set(destination, target);
    return target;
  }
}
