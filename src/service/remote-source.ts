import { classifyFailure, type NetworkSource } from '../retry/index.js';
import {
  type NetworkChange,
  type NetworkReason,
  type NetworkState,
  StateCell,
  type WaitOptions,
  type WorkOutcome,
} from '../state/index.js';
import { type Destination, type FollowerRequest, isText, type ReportedOutcome, type SourceView } from './protocol.js';
import { ReportDesk } from './report-desk.js';
import { WorkGroups } from './work-groups.js';

/** What a {@link RemoteSource} needs of the network that it belongs to. */
export interface RemoteSourceOwner {
  send(request: FollowerRequest): void;
  /** Somebody uses the source from now on, or no more. */
  onUse(source: RemoteSource): void;
  onIdle(source: RemoteSource): void;
  /** A report was not answered in time. */
  onSilence(source: RemoteSource): void;
  /** An outage holds somebody up: looks whether the other end still lives, until the returned function is called. */
  watch(): () => void;
}

/** The mirror of a network source that another thread or process has. All that can be answered here is; only reports go there and back. */
export class RemoteSource implements NetworkSource {
  readonly number: number;
  readonly #subject: Destination | undefined;
  readonly #owner: RemoteSourceOwner;
  readonly #cell = new StateCell({ state: 'unknown', reason: 'not-judged' });
  readonly #work: WorkGroups;
  readonly #reports: ReportDesk;
  #allowsTrials = true;
  #flapping = false;
  #isOpen = false;
  #saysWaiting = false;
  #reporting = 0;
  #inUse = false;
  #unwatch: (() => void) | undefined;

  constructor(number: number, subject: Destination | undefined, owner: RemoteSourceOwner) {
    this.number = number;
    this.#subject = subject;
    this.#owner = owner;
    this.#work = new WorkGroups({
      begin: (work) => this.#tell({ type: 'track', source: number, work }),
      end: (work) => {
        this.#tell({ type: 'release', source: number, work });
        this.#review();
      },
    });
    this.#reports = new ReportDesk(
      (report, outcome) => this.#tell({ type: 'report', source: number, report, outcome }),
      () => owner.onSilence(this),
    );
    this.#cell.run();
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

  get flapping(): boolean {
    return this.#flapping;
  }

  onChange(listener: (change: NetworkChange) => void): () => void {
    const unsubscribe = this.#cell.onChange(listener);
    this.#review();
    return () => {
      unsubscribe();
      this.#review();
    };
  }

  waitForNetwork(options?: WaitOptions): Promise<void> {
    const waiting = this.#cell.wait(options);
    this.#review();
    const review = (): void => this.#review();
    waiting.then(review, review);
    return waiting;
  }

  async report(outcome: WorkOutcome): Promise<void> {
    // A success is news only where it speaks against an outage.
    if (outcome.ok && this.state !== 'down') return;
    this.#reporting += 1;
    this.#review();
    await this.#reports.report(reported(outcome));
    this.#reporting -= 1;
    this.#review();
  }

  track(onStranded: (reason: NetworkReason) => void = () => {}): () => void {
    const release = this.#work.add(onStranded);
    this.#review();
    return () => {
      release();
      this.#review();
    };
  }

  /** Whether the owner of the real source is asked to tell of it. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Asks for the real source; also anew, of an owner that has just come. */
  open(): void {
    this.#isOpen = true;
    this.#tell({ type: 'open', source: this.number, ...(this.#subject && { subject: this.#subject }) });
    this.#work.retell();
    this.#saysWaiting = false;
    this.#reviewWaiting();
  }

  /** The real source is not needed for now. */
  close(): void {
    this.#tell({ type: 'close', source: this.number });
    this.#isOpen = false;
    this.lose();
  }

  /** Nobody tells of the network any more: nothing is known of it, and so nothing is held up. */
  lose(): void {
    this.#reports.dismiss();
    this.#publish({ judgement: { state: 'unknown', reason: 'not-judged' }, allowsTrials: true, flapping: false });
  }

  /** Ends it as a monitor is stopped: whoever waits gets `MonitorStoppedError`. */
  stop(): void {
    this.#reports.dismiss();
    this.#work.turn();
    this.#publish({ judgement: { state: 'unknown', reason: 'stopped' }, allowsTrials: true, flapping: false });
  }

  show(view: SourceView): void {
    this.#reports.heard();
    // Its egress may have changed with it.
    this.#work.turn();
    this.#publish(view);
  }

  answered(report: number): void {
    this.#reports.heard();
    this.#reports.answered(report);
  }

  strand(work: number, reason: NetworkReason): void {
    this.#work.strand(work, reason);
  }

  #publish({ judgement, interface: name, allowsTrials, flapping }: SourceView): void {
    this.#allowsTrials = allowsTrials;
    this.#flapping = flapping;
    if (judgement.reason === 'stopped') this.#cell.stop();
    else this.#cell.run();
    this.#cell.publish({ ...judgement, ...(name !== undefined && { interface: name }) }, () => []);
    this.#reviewWatch();
  }

  #review(): void {
    this.#reviewWaiting();
    this.#reviewUse();
    this.#reviewWatch();
  }

  #reviewUse(): void {
    const inUse = this.#cell.observed || this.#work.busy || this.#reporting > 0;
    if (inUse === this.#inUse) return;
    this.#inUse = inUse;
    if (inUse) this.#owner.onUse(this);
    else this.#owner.onIdle(this);
  }

  #reviewWaiting(): void {
    const isWaiting = this.#cell.waiters > 0;
    if (isWaiting === this.#saysWaiting) return;
    this.#saysWaiting = isWaiting;
    this.#tell({ type: isWaiting ? 'wait' : 'leave', source: this.number });
  }

  /** An outage that nobody would be told the end of must not hold anybody up. */
  #reviewWatch(): void {
    if (this.#inUse && this.state === 'down') {
      this.#unwatch ??= this.#owner.watch();
    } else {
      this.#unwatch?.();
      this.#unwatch = undefined;
    }
  }

  #tell(request: FollowerRequest): void {
    if (this.#isOpen) this.#owner.send(request);
  }
}

function reported(outcome: WorkOutcome): ReportedOutcome {
  if (outcome.ok) return { ok: true };
  const failure = classifyFailure(outcome.error);
  return { ok: false, ...('code' in failure && isText(failure.code) && { code: failure.code }) };
}
