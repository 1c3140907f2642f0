import { AttemptTimeoutError, InvalidOptionError, NetworkDownError } from '../errors/index.js';
import { onAbort } from '../events/index.js';
import { isPathReason, type NetworkReason } from '../state/index.js';
import type { EndReason } from './failure.js';
import type { NetworkWatch, Watcher } from './network-watch.js';
import { type Newcomer, Newcomers } from './newcomers.js';
import type { RetrySettings } from './settings.js';
import { startTimer } from './sleep.js';

/** What an operation gets beside the number of its attempt. */
export interface AttemptContext {
  /**
   * Aborts when this attempt has to end: with the reason of your own signal, with `NetworkDownError` when the network under it is lost, with
   * `AttemptTimeoutError` when it takes longer than `timeout`. Hand it on to whatever does the work, or a hung attempt cannot be ended.
   */
  readonly signal: AbortSignal;
  /** How many outages this call has met so far. */
  readonly outages: number;
  /**
   * Says how far the work has come, in any unit that only grows: bytes, parts, rows. An offset higher than any before gives the call its
   * attempts back, as suits a transfer that is resumed where it stopped; and an attempt that gets ahead is not taken for hung.
   *
   * @throws {InvalidOptionError} where the offset is not a finite number.
   */
  readonly progress: (offset: number) => void;
}

/** Work that is to be repeated until it succeeds. It gets the number of the attempt, counted from 1, and the attempt's context. */
export type Operation<Value> = (attemptNumber: number, context: AttemptContext) => PromiseLike<Value> | Value;

/** A `trial` starts although the network is said to be down, to find out whether that is true. */
export type AttemptKind = 'regular' | 'trial';

/** What an attempt needs of the call that it belongs to. */
export interface AttemptOwner {
  readonly settings: RetrySettings;
  /** Left out where the network part is off. */
  readonly watch: NetworkWatch | undefined;
  readonly outages: number;
  /** Whether the call hears of the network already. */
  readonly isWatching: boolean;
  /** Has the call hear of the network from now on. */
  watchNetwork(): void;
  /** Whether the offset is higher than any before. */
  advance(offset: number): boolean;
}

/** One run of the operation, from its start to its end: its signal, and everything that may end it early. */
export class Attempt implements Watcher, Newcomer {
  readonly number: number;
  readonly kind: AttemptKind;
  /** By `performance.now()`. */
  readonly startedAt: number;
  place: number | undefined;
  readonly #owner: AttemptOwner;
  #controller: AbortController | undefined;
  #reason: EndReason | undefined;
  #interruptedBy: NetworkReason | undefined;
  #isWatching = false;
  #hasSettled = false;
  #hasProgressed = false;
  #recoveriesSeen: number;
  /** A trial begins in the knowledge that the network is said to be down; only its own failure shows whether that is so. */
  #defiesOutage: boolean;
  #lossReason: NetworkReason | undefined;
  #lossTimer: NodeJS.Timeout | undefined;
  #timeoutTimer: NodeJS.Timeout | undefined;
  #graceTimer: NodeJS.Timeout | undefined;
  #releaseSignal: (() => void) | undefined;
  #releaseTrack: (() => void) | undefined;

  constructor(owner: AttemptOwner, number: number, kind: AttemptKind, startedAt: number) {
    this.#owner = owner;
    this.number = number;
    this.kind = kind;
    this.startedAt = startedAt;
    this.#defiesOutage = kind === 'trial';
    this.#recoveriesSeen = owner.watch?.recoveries ?? 0;
  }

  /** Runs the operation. Call `settle` when the result is there, whatever it is. */
  perform<Value>(operation: Operation<Value>): PromiseLike<Value> | Value {
    // No closures here: what they capture is put on the heap with every call, whether or not they are made.
    const { settings, watch, isWatching, outages } = this.#owner;
    if (watch !== undefined) {
      if (isWatching) this.#watchNetwork(watch);
      else newcomers.add(this);
    }
    if (settings.timeout !== Number.POSITIVE_INFINITY) this.#startTimeout();
    const context = new Context(this, outages);
    return settings.abandonAfter === undefined
      ? operation(this.number, context)
      : this.#orAbandon(operation, context, settings.abandonAfter);
  }

  /** The operation is done with: nothing of this attempt is left behind. */
  settle(): void {
    this.#hasSettled = true;
    if (this.place !== undefined) newcomers.delete(this);
    else if (this.#isWatching) this.#stopWatching();
    this.#releaseSignal?.();
    if (this.#timeoutTimer !== undefined) clearTimeout(this.#timeoutTimer);
    if (this.#graceTimer !== undefined) clearTimeout(this.#graceTimer);
  }

  /** The turn in which it began is over: from now on the network may go under it, and has to be watched. */
  outlive(): void {
    const { watch } = this.#owner;
    if (watch === undefined) return;
    this.#owner.watchNetwork();
    this.#watchNetwork(watch);
  }

  /** The reason of our own with which it was aborted. */
  get reason(): EndReason | undefined {
    return this.#reason;
  }

  /** Why the network counts as lost under this attempt, where it was aborted for that. */
  get interruptedBy(): NetworkReason | undefined {
    return this.#interruptedBy;
  }

  /** Whether the network is down, or was since the attempt began or last made progress. */
  get metOutage(): boolean {
    const { watch } = this.#owner;
    return watch !== undefined && (watch.isDown || watch.recoveries !== this.#recoveriesSeen);
  }

  /** Made when it is first asked for: most operations that succeed at once never do. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      this.#linkSignal(this.#controller);
    }
    return this.#controller.signal;
  }

  progress(offset: number): void {
    if (!Number.isFinite(offset)) throw new InvalidOptionError('progress: offset', offset, 'a finite number');
    if (this.#hasSettled || !this.#owner.advance(offset)) return;
    this.#hasProgressed = true;
    this.#recoveriesSeen = this.#owner.watch?.recoveries ?? 0;
    if (this.#lossReason !== undefined) this.#startLossTimer(this.#lossReason);
  }

  onDown(reason: NetworkReason): void {
    if (this.#defiesOutage) return;
    const isSameKind = this.#lossReason !== undefined && isPathReason(this.#lossReason) === isPathReason(reason);
    if (!isSameKind) this.#startLossTimer(reason);
  }

  onRecovery(): void {
    this.#stopLossTimer();
    if (!this.#defiesOutage) return;
    this.#defiesOutage = false;
    // Its connection still waits out the backoff of its SYN or RTO, for seconds in which a new one is long through.
    if (!this.#hasProgressed) this.#interrupt(this.#owner.watch?.outageReason ?? 'unreachable');
  }

  #startTimeout(): void {
    const { timeout, unref } = this.#owner.settings;
    this.#timeoutTimer = startTimer(timeout, unref, () => this.#abort(new AttemptTimeoutError(timeout)));
  }

  #watchNetwork(watch: NetworkWatch): void {
    const { idempotent } = this.#owner.settings;
    this.#isWatching = true;
    if (idempotent) {
      watch.add(this);
      // It may have gone since the attempt began.
      if (watch.isDown) this.onDown(watch.currentReason ?? 'unreachable');
    }
    this.#releaseTrack = watch.track((reason) => {
      if (idempotent) this.#interrupt(reason);
    });
  }

  #stopWatching(): void {
    this.#owner.watch?.delete(this);
    this.#releaseTrack?.();
    this.#stopLossTimer();
  }

  #startLossTimer(reason: NetworkReason): void {
    this.#stopLossTimer();
    this.#lossReason = reason;
    const { interruptAfter, unref } = this.#owner.settings;
    const delay = isPathReason(reason) ? interruptAfter.path : interruptAfter.reach;
    if (delay === Number.POSITIVE_INFINITY) return;
    this.#lossTimer = startTimer(delay, unref, () => this.#onLossTimer(reason));
  }

  /** A path that has come back is no reason any more, though nothing answers over it yet: that has a limit of its own. */
  #onLossTimer(reason: NetworkReason): void {
    const reasonNow = this.#owner.watch?.currentReason ?? reason;
    if (isPathReason(reasonNow) === isPathReason(reason)) this.#interrupt(reason);
    else this.#startLossTimer(reasonNow);
  }

  #stopLossTimer(): void {
    clearTimeout(this.#lossTimer);
    this.#lossReason = undefined;
  }

  #interrupt(reason: NetworkReason): void {
    if (this.#hasSettled || this.#reason !== undefined) return;
    this.#interruptedBy = reason;
    this.#abort(new NetworkDownError(reason));
  }

  #abort(reason: EndReason): void {
    if (this.#hasSettled || this.#reason !== undefined) return;
    this.#reason = reason;
    this.#controller?.abort(reason);
  }

  #linkSignal(controller: AbortController): void {
    const { signal } = this.#owner.settings;
    if (this.#reason !== undefined) controller.abort(this.#reason);
    else if (signal?.aborted) controller.abort(signal.reason);
    else if (signal && !this.#hasSettled) {
      this.#releaseSignal = onAbort(signal, () => controller.abort(signal.reason));
    }
  }

  /** Stops waiting a while after the attempt was aborted. What it does afterwards is nobody's concern, not even its rejection. */
  #orAbandon<Value>(operation: Operation<Value>, context: AttemptContext, grace: number): Promise<Value> {
    const { signal } = this;
    return new Promise((resolve, reject) => {
      signal.addEventListener(
        'abort',
        () => {
          this.#graceTimer = startTimer(grace, this.#owner.settings.unref, () => reject(signal.reason));
        },
        { once: true },
      );
      const perform = async () => operation(this.number, context);
      perform().then(resolve, reject);
    });
  }
}

const newcomers = new Newcomers();

/**
 * The face of an attempt that its operation sees. Taken apart by `({ signal, progress }) => …`, the parts still work.
 *
 * None of it can be assigned to. It is frozen when it is first used and not before: that takes longer than to make it, and many an operation
 * never looks at it.
 */
class Context implements AttemptContext {
  readonly #attempt: Attempt;
  readonly #outages: number;

  constructor(attempt: Attempt, outages: number) {
    this.#attempt = attempt;
    this.#outages = outages;
  }

  get signal(): AbortSignal {
    Object.freeze(this);
    return this.#attempt.signal;
  }

  get outages(): number {
    Object.freeze(this);
    return this.#outages;
  }

  get progress(): (offset: number) => void {
    Object.freeze(this);
    return (offset) => this.#attempt.progress(offset);
  }
}
