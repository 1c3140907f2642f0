import pRetry from 'p-retry';
import { NetworkDownError, OutageTimeoutError } from '../errors/index.js';
import { orAborted, throwIfAborted } from '../events/index.js';
import type { NetworkReason } from '../state/index.js';
import { Attempt, type AttemptKind, type AttemptOwner, type Operation } from './attempt.js';
import { type Decision, decide, type Evidence } from './decide.js';
import { describeFailure, type Failure } from './failure.js';
import { Journal, type Observer } from './journal.js';
import type { NetworkWatch } from './network-watch.js';
import { policyFor, type Spender, type Spent } from './retry-policy.js';
import type { RetrySettings } from './settings.js';
import { breathe, sleep } from './sleep.js';
import { originalOf, standInFor } from './stand-in.js';
import { Stopwatch } from './stopwatch.js';
import type { Departure, Stay, WaitingRoom } from './waiting-room.js';

/** What becomes of one attempt that counts, together with those that outages cost before it. */
type Step<Value> =
  | { readonly kind: 'done'; readonly value: Value }
  | { readonly kind: 'over'; readonly error: unknown }
  | Spent;

/** A wait for the network: one outage, as this call meets it. */
interface Pause {
  readonly reason: NetworkReason | undefined;
  readonly startedAt: number;
  /** How long it may last, in milliseconds. */
  readonly limit: number;
}

/**
 * One call of one operation, from its first attempt to its settlement.
 *
 * The first attempt runs by itself. Only a failure that is to be spent takes the call into p-retry, which is given that failure as its first
 * attempt and decides from there on. Outages are dealt with beneath it, in `#step`: to p-retry an attempt that was repeated because of
 * them is one attempt that takes its time.
 */
export class Call<Value> implements AttemptOwner, Spender {
  readonly settings: RetrySettings;
  /** Left out where the network part is off. */
  readonly watch: NetworkWatch | undefined;
  readonly #operation: Operation<Value>;
  readonly #observer: Observer | undefined;
  readonly #startedAt = performance.now();
  #isWatching = false;
  #journal: Journal | undefined;
  #stopwatch: Stopwatch | undefined;
  #delay: number | undefined;
  #recoveriesWhenSpent: number | undefined;
  #pause: Pause | undefined;
  /** When an outage cost the attempt that is to be repeated. */
  #lostAt: number | undefined;
  #lossesSinceProgress = 0;
  #bestOffset: number | undefined;
  #hasProgressed = false;
  #lastOwnFailure: Failure | undefined;

  constructor(
    operation: Operation<Value>,
    settings: RetrySettings,
    watch: NetworkWatch | undefined,
    observer: Observer | undefined,
  ) {
    this.#operation = operation;
    this.settings = settings;
    this.watch = watch;
    this.#observer = observer;
  }

  /**
   * Most calls are over with one attempt, so the first stands apart from the others: what a call needs when it goes on is made when it does,
   * and there is one promise around the operation's, not the several of a chain of async functions.
   *
   * @throws what should be a rejection, where it throws at all.
   */
  run(): Promise<Value> {
    throwIfAborted(this.settings.signal);
    if (this.watch?.missesNothing === false) this.watchNetwork();
    if (!this.#isReadyFor('regular')) return this.#goOn(this.#step(1));
    const attempt = this.#begin('regular', 1, this.#startedAt);
    let outcome: PromiseLike<Value> | Value;
    try {
      outcome = attempt.perform(this.#operation);
    } catch (thrown) {
      return this.#goOn(this.#fail(attempt, thrown));
    }
    return Promise.resolve(outcome).then(
      (value) => this.#finish(attempt, value),
      (thrown) => this.#goOn(this.#fail(attempt, thrown)),
    );
  }

  /** The end of a call whose first attempt has succeeded. */
  #finish(attempt: Attempt, value: Value): Value | Promise<Value> {
    attempt.settle();
    const step = this.#succeed(value, attempt);
    if (step.kind !== 'done') return this.#goOn(Promise.resolve(step));
    if (this.#observer?.hears('settle')) this.#writable.succeeded();
    if (this.#isWatching) this.watch?.close();
    return value;
  }

  /** The rest of a call that is not over with its first attempt. */
  async #goOn(first: Promise<Step<Value> | undefined>): Promise<Value> {
    this.watchNetwork();
    try {
      let step = (await first) ?? (await this.#step(1));
      while (step.kind === 'spent') step = await this.#retry(step);
      if (step.kind === 'over') throw step.error;
      if (this.#observer?.hears('settle')) this.#writable.succeeded();
      return step.value;
    } catch (error) {
      this.#writable.failed(error);
      throw error;
    } finally {
      this.watch?.close();
    }
  }

  get outages(): number {
    return this.#journal?.outages ?? 0;
  }

  /** Has the call hear of the network from now on, if it does not already. */
  watchNetwork(): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    this.watch?.open();
  }

  get isWatching(): boolean {
    return this.#isWatching;
  }

  get timeLeft(): number {
    const { maxRetryTime, countPausedTime } = this.settings;
    return maxRetryTime - (countPausedTime ? this.#running.total : this.#running.elapsed);
  }

  delayNext(delay: number): void {
    this.#delay = delay;
  }

  advance(offset: number): boolean {
    if (this.#bestOffset !== undefined && offset <= this.#bestOffset) return false;
    this.#bestOffset = offset;
    this.#hasProgressed = true;
    this.#lossesSinceProgress = 0;
    return true;
  }

  /**
   * Has p-retry go on after a failure. Progress takes the call out of p-retry again, which cannot give back what it has counted, and into a
   * new one.
   */
  #retry(first: Spent): Promise<Step<Value>> {
    const attemptsBefore = first.attemptNumber - 1;
    let last = first;
    return pRetry<Step<Value>>(
      async (count) => {
        if (count > 1) {
          const step = await this.#step(attemptsBefore + count);
          if (step.kind !== 'spent' || step.restartsCount) return step;
          last = step;
        }
        throw standInFor(last.failure.error);
      },
      policyFor(this, () => last, attemptsBefore),
    ).catch((error: unknown) => {
      throw error instanceof Error ? originalOf(error) : error;
    });
  }

  /** Makes one attempt that counts, as often as outages make it necessary. Never rejects. */
  async #step(attemptNumber: number): Promise<Step<Value>> {
    this.watchNetwork();
    this.#writable.attemptNumber = attemptNumber;
    for (;;) {
      let kind: AttemptKind = 'regular';
      try {
        // Looked at once more in the very turn in which the attempt begins: while a promise settles, a network can go or come back.
        while (!this.#isReadyFor(kind)) kind = await this.#untilReady();
        // And somebody else's attempt that began in this turn may have aborted this call, as the first of a race does.
        throwIfAborted(this.settings.signal);
      } catch (error) {
        return { kind: 'over', error };
      }
      const attempt = this.#begin(kind, attemptNumber, performance.now());
      try {
        const value = await attempt.perform(this.#operation);
        attempt.settle();
        return this.#succeed(value, attempt);
      } catch (thrown) {
        const step = await this.#fail(attempt, thrown);
        if (step !== undefined) return step;
      }
    }
  }

  // Before an attempt

  #isReadyFor(kind: AttemptKind): boolean {
    const isDown = this.watch?.isDown === true;
    if (kind === 'trial') return isDown;
    return this.#delay === undefined && this.#lostAt === undefined && !isDown;
  }

  #begin(kind: AttemptKind, attemptNumber: number, startedAt: number): Attempt {
    const attempt = new Attempt(this, attemptNumber, kind, startedAt);
    this.#lostAt = undefined;
    if (this.#observer?.hears('attempt')) this.#writable.attemptStarts(kind);
    return attempt;
  }

  /** Waits until an attempt may begin: for the backoff, the network, and a place in the gate. */
  async #untilReady(): Promise<AttemptKind> {
    const { watch } = this;
    // Whom the network held up passes the gate, so that they do not all come at once.
    let mustPassGate = this.#lostAt !== undefined || this.#pause !== undefined;
    if (this.#delay !== undefined) mustPassGate = (await this.#backOff(this.#delay)) === 'woken';
    while (watch !== undefined && (mustPassGate || watch.isDown)) {
      if (watch.isDown) this.#beginPause(watch.outageReason);
      const departure = await this.#waitIn(watch.room);
      if (departure === 'trial' && watch.isDown) return 'trial';
      await this.#restAfterLoss();
      mustPassGate = departure !== 'resumed';
    }
    this.#lostAt = undefined;
    this.#endPause();
    return 'regular';
  }

  async #backOff(delay: number): Promise<'elapsed' | 'woken'> {
    const { settings, watch } = this;
    this.#delay = undefined;
    if (delay > 0) {
      // The network may have gone and returned while the callbacks were asked.
      if (watch?.recoveries !== this.#recoveriesWhenSpent) return 'woken';
      return sleep(delay, {
        signal: settings.signal,
        unref: settings.unref,
        ...(watch && { onWake: (wake) => watch.onRecovery(wake) }),
      });
    }
    await breathe();
    throwIfAborted(settings.signal);
    return 'elapsed';
  }

  /** A source that goes down for every failure and up for every wait must not make this a loop without a pause. */
  async #restAfterLoss(): Promise<void> {
    if (this.#lostAt === undefined) return;
    const rest = this.#lostAt + SHORTEST_PAUSE - performance.now();
    if (rest > 0) await sleep(rest, this.settings);
  }

  #stay(): Stay {
    const { signal, trialInterval, unref, idempotent } = this.settings;
    const limit = this.#pause
      ? this.#pause.limit - (performance.now() - this.#pause.startedAt)
      : Number.POSITIVE_INFINITY;
    // A trial that hangs is ended when the network returns; where that could leave the work done twice, it would hang on.
    return {
      isPaused: this.#pause !== undefined,
      signal,
      trialInterval,
      triesEarly: idempotent,
      unref,
      limit: Math.max(0, limit),
    };
  }

  /** A wait in vain ends with the operation's own error, or says itself what was waited for. */
  async #waitIn(room: WaitingRoom): Promise<Exclude<Departure, 'expired'>> {
    const { signal } = this.settings;
    try {
      const departure = await room.wait(this.#stay());
      if (departure !== 'expired') return departure;
    } catch (stopped) {
      throwIfAborted(signal);
      throw this.#lastOwnFailure === undefined ? stopped : this.#lastOwnFailure.error;
    }
    if (this.#lastOwnFailure !== undefined) throw this.#lastOwnFailure.error;
    const { reason = 'unreachable', limit = 0 } = this.#pause ?? {};
    throw new OutageTimeoutError(limit, { cause: new NetworkDownError(reason) });
  }

  // After an attempt

  #succeed(value: Value, { kind }: Attempt): Step<Value> {
    this.#endPause();
    this.watch?.reportAnswer(kind);
    const { signal } = this.settings;
    return signal?.aborted ? { kind: 'over', error: signal.reason } : { kind: 'done', value };
  }

  /** What becomes of a failed attempt; `undefined` is its repetition. */
  async #fail(attempt: Attempt, thrown: unknown): Promise<Step<Value> | undefined> {
    attempt.settle();
    const duration = performance.now() - attempt.startedAt;
    this.watchNetwork();
    const failure = describeFailure(thrown, attempt.reason);
    const { signal } = this.settings;
    try {
      throwIfAborted(signal);
      if (failure.class.kind === 'response') this.watch?.reportAnswer(attempt.kind);
      let decision = this.#decide(failure, attempt, this.watch ? 'not-asked' : 'none');
      if (decision === 'ask' && this.watch) {
        await orAborted(this.watch.reportFailure(failure.error), signal);
        throwIfAborted(signal);
        decision = this.#decide(failure, attempt, 'none');
      }
      if (failure.isOwn) this.#lastOwnFailure = failure;
      this.#writable.attemptFailed(attempt, failure.error, duration, decision === 'repeat' ? 'unspent' : 'spent');
      return decision === 'repeat' ? this.#lose(attempt) : this.#spend(failure, decision);
    } catch (error) {
      return { kind: 'over', error };
    }
  }

  /** Acted on in the turn in which it is made: what is known of the network may be another in the next. */
  #decide(failure: Failure, attempt: Attempt, evidenceOtherwise: Evidence): Decision {
    const { maxOutages, idempotent } = this.settings;
    const evidence = attempt.metOutage ? 'outage' : evidenceOtherwise;
    // A trial that fails is lost to the outage that the call is waiting out already.
    const mayLoseAnother = this.#pause !== undefined || this.#lossesSinceProgress < maxOutages;
    return decide({ failure, evidence, mayLoseAnother, idempotent });
  }

  #lose(attempt: Attempt): undefined {
    this.#lostAt = performance.now();
    if (this.#pause === undefined) this.#lossesSinceProgress += 1;
    this.#beginPause(attempt.interruptedBy ?? this.watch?.outageReason);
  }

  #spend(failure: Failure, decision: Decision): Spent {
    this.#endPause();
    this.#recoveriesWhenSpent = this.watch?.recoveries;
    const restartsCount = this.#hasProgressed;
    this.#hasProgressed = false;
    const { attemptNumber } = this.#writable;
    return { kind: 'spent', failure, attemptNumber, isFinal: decision === 'stop', restartsCount };
  }

  // Pauses

  #beginPause(reason: NetworkReason | undefined): void {
    if (this.#pause !== undefined) return;
    const { maxPause, countPausedTime } = this.settings;
    const limit = Math.min(maxPause, countPausedTime ? this.timeLeft : Number.POSITIVE_INFINITY);
    this.#pause = { reason, startedAt: performance.now(), limit };
    this.#running.hold();
    this.#writable.pauseBegins(reason);
  }

  #endPause(): void {
    if (this.#pause === undefined) return;
    this.#pause = undefined;
    this.#running.release();
    this.#writable.pauseEnds();
  }

  // What is made when it is first needed

  get #writable(): Journal {
    this.#journal ??= new Journal(this.settings, this.#observer, this.#startedAt);
    return this.#journal;
  }

  get #running(): Stopwatch {
    this.#stopwatch ??= new Stopwatch(this.#startedAt);
    return this.#stopwatch;
  }
}

/**
 * From the failure of an attempt that an outage cost to its repetition, in milliseconds at least. Less than anybody notices, and a
 * hundred times what a turn of the event loop takes.
 */
const SHORTEST_PAUSE = 10;
