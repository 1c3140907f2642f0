import { orAborted } from '../events/index.js';
import type { NetworkReason } from '../state/index.js';
import type { ProbeMonitor } from './probe-context.js';

/** Follows this host's network for as long as a probe takes, and remembers whether it was down at any moment. */
export class OnlineWatch {
  readonly #monitor: ProbeMonitor | undefined;
  #source: ProbeMonitor | undefined;
  #unsubscribe = (): void => {};
  #wasDown = false;
  #reason: NetworkReason | undefined;

  constructor(monitor: ProbeMonitor | undefined) {
    this.#monitor = monitor;
    this.#follow(monitor);
  }

  /** Whether the network was down at any moment so far. */
  get wasDown(): boolean {
    return this.#wasDown;
  }

  /** Why it was down; undefined where it was not, or nobody said why. */
  get reason(): NetworkReason | undefined {
    return this.#reason;
  }

  /**
   * From now on the way to one destination decides: what a LAN answers does not depend on the uplink. What the whole host's state has said
   * so far stands, unless it stands in spite of that way: then it never concerned this destination.
   */
  towards(destination: string): void {
    if (this.#monitor?.target === undefined) return;
    const target = this.#monitor.target(destination);
    if (this.#source === this.#monitor && this.#monitor.state === 'down' && target.state !== 'down') {
      this.#wasDown = false;
      this.#reason = undefined;
    }
    this.#follow(target);
  }

  /**
   * Has the monitor look again after a failure, and waits for what it finds.
   *
   * @throws the signal's reason.
   */
  async lookAgain(error: unknown, signal: AbortSignal | undefined): Promise<void> {
    if (this.#source === undefined || this.#wasDown) return;
    await orAborted(this.#source.report({ ok: false, error }), signal);
    this.#look();
  }

  release(): void {
    this.#unsubscribe();
    this.#unsubscribe = () => {};
  }

  #follow(source: ProbeMonitor | undefined): void {
    this.release();
    this.#source = source;
    if (source === undefined) return;
    this.#unsubscribe = source.onChange(() => this.#look());
    this.#look();
  }

  #look(): void {
    if (this.#source?.state !== 'down') return;
    this.#wasDown = true;
    this.#reason ??= this.#source.reason;
  }
}
