import type { NetworkChange, NetworkReason, NetworkState, Verdict, WorkOutcome } from '../state/index.js';
import { StateCell, type WaitOptions } from '../state/index.js';
import { CheckRecord } from './check-record.js';
import type { CheckTarget, HostDecision } from './check-round.js';
import type { Connect } from './connect.js';
import type { Egress } from './path.js';
import type { PathTracker } from './path-tracker.js';
import { Strandings } from './strandings.js';

/** What a {@link TargetMonitor} needs of the monitor that made it. */
export interface TargetOwner {
  /** Judges the target's path and reach now. */
  judge(target: TargetMonitor): Verdict;
  lost(egress: Egress): NetworkReason | undefined;
  running(): boolean;
  flapping(): boolean;
  report(outcome: WorkOutcome, target: TargetMonitor): Promise<void>;
  /** Changes whenever what spoke against an old judgement is not to speak on a new one. */
  era(target: TargetMonitor): number;
  /** Says that work to the target begins, or begins to wait. */
  wakeGuard(): void;
  /** Says that somebody watches the target from now on, or no more. */
  observe(target: TargetMonitor): void;
  unobserve(target: TargetMonitor): void;
}

/** How a destination is asked itself. */
export interface DestinationCheck {
  readonly port: number;
  /** The address to connect from. @default the kernel's choice */
  readonly source?: string | undefined;
}

/**
 * The judgement for one destination: `down` when the kernel knows no way to it, or when every check host that is reached by the same egress
 * and gateway is silent and so is the destination itself. A destination that does not answer while check hosts do is a failing server, and no
 * outage.
 *
 * It costs nothing while nobody listens, waits or works on it.
 */
export class TargetMonitor {
  /** @internal */
  readonly tracker: PathTracker;
  readonly #owner: TargetOwner;
  readonly #cell: StateCell;
  readonly #strandings: Strandings;
  readonly #check: DestinationCheck | undefined;
  /** What the destination said when it was asked itself. */
  readonly #record = new CheckRecord();
  #overruled = false;
  #workFailed = false;
  #era = 0;
  #askedAt = Number.NEGATIVE_INFINITY;
  #observed = false;

  /** @internal Made by `NetworkMonitor.target()`. */
  constructor(
    /** The destination as it was given. */
    readonly destination: string,
    tracker: PathTracker,
    /** @internal Which interfaces count as a way out. */
    readonly allowed: (interfaceName: string) => boolean,
    check: DestinationCheck | undefined,
    owner: TargetOwner,
  ) {
    this.tracker = tracker;
    this.#check = check;
    this.#owner = owner;
    this.#cell = new StateCell({ state: 'unknown', reason: 'not-judged' }, () => this.#reviewObserved());
    this.#strandings = new Strandings((egress) => owner.lost(egress));
  }

  /** The state of the way to this destination, judged now. */
  get state(): NetworkState {
    return this.#current().state;
  }

  /** Why the state is what it is. */
  get reason(): NetworkReason {
    return this.#current().reason;
  }

  /** False while the kernel itself finds no way to this very destination: an attempt could only fail. */
  get allowsTrials(): boolean {
    return this.tracker.verdict?.kind !== 'closed';
  }

  /** Whether the network as a whole has gone down so often lately that what comes back is not likely to stay. */
  get flapping(): boolean {
    return this.#owner.flapping();
  }

  /** Calls the listener after every change of state, until the returned function is called. */
  onChange(listener: (change: NetworkChange) => void): () => void {
    const unsubscribe = this.#cell.onChange(listener);
    this.#reviewObserved();
    return unsubscribe;
  }

  /**
   * Resolves as soon as the state is not `down`, at once where it is not.
   *
   * @throws the signal's reason; {@link OutageTimeoutError} after `timeout`; {@link MonitorStoppedError}.
   */
  waitForNetwork(options: WaitOptions = {}): Promise<void> {
    if (!this.#observed) this.#refresh();
    if (this.#owner.running()) this.#cell.run();
    else this.#cell.stop();
    const waiting = this.#cell.wait(options);
    this.#reviewObserved();
    this.#owner.wakeGuard();
    return waiting;
  }

  /** Tells the monitor what became of work to this destination. */
  async report(outcome: WorkOutcome): Promise<void> {
    this.#reviewEra();
    // Work that fails takes back what work that got through had said.
    if (!outcome.ok) this.#overruled = false;
    else if (this.state === 'down') this.#overruled = true;
    await this.#owner.report(outcome, this);
    this.#refresh();
  }

  /** Says that work to this destination is in flight; see `NetworkSource.track`. */
  track(onStranded: (reason: NetworkReason) => void = () => {}): () => void {
    if (!this.#observed) this.#refresh();
    const verdict = this.tracker.verdict;
    const release = this.#strandings.add(verdict?.kind === 'open' ? verdict.egress : undefined, onStranded);
    this.#reviewObserved();
    this.#owner.wakeGuard();
    return () => {
      release();
      this.#reviewObserved();
    };
  }

  /** @internal Whether work got through although the state was down, and the path has not changed since. */
  get overruled(): boolean {
    if (this.#overruled) this.#reviewEra();
    return this.#overruled;
  }

  /** @internal Whether its work has failed since anybody behind the same gateway answered: then one silent round is enough. */
  get workFailed(): boolean {
    return this.#workFailed;
  }

  /** @internal Its work has failed, and nobody behind the same gateway has answered lately. */
  noteFailure(): void {
    this.#workFailed = true;
  }

  /** @internal Somebody behind the same gateway has answered. */
  forgiveFailure(): void {
    this.#workFailed = false;
  }

  /** @internal Whether somebody listens, waits or works, so that its verdict is kept up to date. */
  get observed(): boolean {
    return this.#observed;
  }

  /** @internal Whether work is in flight or waits. */
  get busy(): boolean {
    return this.#strandings.busy || this.#cell.waiters > 0;
  }

  /** @internal */
  get verdict(): Verdict {
    return this.#cell.verdict;
  }

  /** @internal Takes over a new judgement. */
  publish(verdict: Verdict): void {
    this.#cell.publish(verdict, () => []);
    if (verdict.state !== 'down') this.#strandings.review();
  }

  /** @internal Whether the destination answered when it was last asked itself, and the path has not changed since. */
  get answers(): boolean {
    if (this.#record.standing === 'reachable') this.#reviewEra();
    return this.#record.standing === 'reachable';
  }

  /** @internal Whether it may be asked itself. */
  get askable(): boolean {
    return this.#check !== undefined && this.tracker.verdict?.kind === 'open';
  }

  /** @internal When it was last asked itself, on the monotonic clock. */
  get askedAt(): number {
    return this.#askedAt;
  }

  /** @internal How a round of checks asks the destination itself; undefined where it is not to be asked. */
  asCheckTarget(addresses: readonly string[], connect: Connect): CheckTarget | undefined {
    if (this.#check === undefined || this.tracker.verdict?.kind !== 'open') return undefined;
    const { port, source } = this.#check;
    this.#askedAt = performance.now();
    return {
      label: this.tracker.host,
      addresses,
      ports: [port],
      egress: this.tracker.verdict.egress,
      connect: (target) => connect({ ...target, source }),
      note: (decision: HostDecision) => {
        this.#reviewEra();
        this.#record.note(decision, this.tracker.network, performance.now());
      },
    };
  }

  /** @internal The path changed or a check host answered: what spoke against the old judgement does not speak on the new one. */
  forgetAnswers(): void {
    this.#overruled = false;
    this.#record.forgetStanding();
  }

  /** @internal It was not asked in a round that should have asked it: what it once answered is old news. */
  forgetAnswer(): void {
    this.#record.forgetStanding();
  }

  /** @internal */
  stop(): void {
    this.#cell.stop();
    this.#cell.publish({ state: 'unknown', reason: 'stopped' }, () => []);
  }

  /** Also what happens while nobody watches it makes its answers old. */
  #reviewEra(): void {
    const era = this.#owner.era(this);
    if (era === this.#era) return;
    this.#era = era;
    this.forgetAnswers();
  }

  #current(): Verdict {
    // While somebody watches, every event of the kernel is followed up anyway.
    if (!this.#observed) this.#refresh();
    return this.#cell.verdict;
  }

  #refresh(): void {
    this.publish(this.#owner.judge(this));
  }

  #reviewObserved(): void {
    const observed = this.#cell.observed || this.#strandings.busy;
    if (observed === this.#observed) return;
    if (observed) this.#refresh();
    this.#observed = observed;
    if (observed) {
      this.#owner.observe(this);
    } else {
      this.#owner.unobserve(this);
    }
  }
}
