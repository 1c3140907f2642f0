import { inspect } from 'node:util';
import {
  AttemptTimeoutError,
  MonitorStoppedError,
  NetworkDownError,
  OutageTimeoutError,
} from '../../../../src/errors/index.js';
import {
  type AttemptContext,
  type AttemptEvent,
  type AttemptReport,
  createRetryer,
  type FailureEvent,
  type OutageReport,
  type ResumeEvent,
  retryReport,
  type SettleEvent,
} from '../../../../src/retry/index.js';
import type { WorkOutcome } from '../../../../src/state/index.js';
import { countListeners } from './count-listeners.js';
import { differenceOf } from './expected-report.js';
import { InvariantViolation } from './invariant.js';
import { type AttemptHost, ObservedAttempt, type OperationEnd } from './observed-attempt.js';
import type { ObservedSource } from './observed-source.js';
import type { CallPlan, PlannedOptions } from './plan.js';
import type { Situation } from './situation.js';
import { SLACK, type VirtualTime } from './virtual-time.js';

/** What a call is doing, as can be told from outside. */
type Phase =
  | { readonly kind: 'attempt'; readonly attempt: ObservedAttempt }
  /** The operation has failed; the source is asked what it knows. */
  | { readonly kind: 'asking'; readonly attempt: ObservedAttempt; readonly since: number }
  /** The user's callback is asked about a failure; whether the network has returned meanwhile. */
  | { readonly kind: 'consulting'; readonly failure: Failure; readonly since: number; readonly hasRecovered: boolean }
  /** The next attempt is due then; also before the first one. */
  | { readonly kind: 'due'; readonly at: number; readonly canWake: boolean }
  /** It waits for the network, or for its place in the gate: since then, and perhaps at its place in the queue only since `latest`. */
  | { readonly kind: 'held'; readonly since: number; readonly latest: number; readonly restsUntil: number }
  /** It must be over before any time passes. */
  | { readonly kind: 'ending'; readonly outcome: Outcome }
  | { readonly kind: 'over' };

type Consulting = Phase & { readonly kind: 'consulting' };

type Held = Phase & { readonly kind: 'held' };

type Outcome = { readonly value: unknown } | { readonly error: unknown };

/** What the world does for its calls. */
export interface CallHost {
  readonly time: VirtualTime;
  readonly reportDelay: number;
  abort(call: number): void;
  /** Whether another call of the source has come to wait before this one, and waits still. */
  isOvertaking(source: ObservedSource, since: number): boolean;
  /** Whether such a call was due for a trial, so long after the last. */
  isPassedOver(source: ObservedSource, since: number, gap: number): boolean;
  /** Something must not be, and it is noticed where throwing would only disturb the code under test. */
  blame(violation: InvariantViolation): void;
  note(situation: Situation): void;
}

/** One call of the Retryer, what it may do, and what it does. */
export class ObservedCall implements AttemptHost {
  readonly controller = new AbortController();
  readonly signalListeners: () => number;
  phase: Phase;
  readonly time: VirtualTime;
  readonly source: ObservedSource | undefined;
  readonly options: PlannedOptions;
  readonly #plan: CallPlan;
  readonly #host: CallHost;
  readonly #startedAt: number;
  #attempts = 0;
  #settlements = 0;
  #offset = 0;
  #announced: AttemptEvent | undefined;
  // What was spent
  #spent = 0;
  #retriesTaken = 0;
  #hasProgressedSinceSpent = false;
  #lost = 0;
  #lastOwnError: { readonly error: unknown } | undefined;
  // Pauses
  #pause: { readonly at: number; readonly on: number; readonly limit: number } | undefined;
  #pausedFor = 0;
  // For the report
  readonly #failures: AttemptReport[] = [];
  readonly #outages: Omit<OutageReport, 'reason'>[] = [];

  constructor(plan: CallPlan, source: ObservedSource | undefined, host: CallHost) {
    this.#plan = plan;
    this.#host = host;
    this.options = plan.options;
    this.time = host.time;
    this.source = source;
    this.#startedAt = this.time.now;
    this.phase = { kind: 'due', at: this.time.now, canWake: false };
    this.signalListeners = countListeners(this.controller.signal);
  }

  get userSignal(): AbortSignal {
    return this.controller.signal;
  }

  nextOffset(): number {
    this.#offset += 1;
    return this.#offset;
  }

  get isOver(): boolean {
    return this.phase.kind === 'over';
  }

  get isPaused(): boolean {
    return this.#pause !== undefined;
  }

  lastAttempt: ObservedAttempt | undefined;

  get runningAttempt(): ObservedAttempt | undefined {
    return this.phase.kind === 'attempt' ? this.phase.attempt : undefined;
  }

  /** The work gets ahead, where there is any in flight. */
  advance(): void {
    const attempt = this.runningAttempt;
    if (attempt === undefined || attempt.end !== undefined) return;
    this.#onProgress();
    attempt.advance();
  }

  abort(): void {
    if (this.controller.signal.aborted) return;
    // Its place may have been given to it in this very turn.
    const recovery = this.source?.lastRecovery;
    if (this.phase.kind === 'held' && recovery?.at === this.time.now) recovery.forgone += 1;
    this.controller.abort(new Error('enough'));
  }

  /** The network is back: who was backing off comes to the gate. */
  onRecovery(): void {
    const { phase, time } = this;
    if (phase.kind === 'due' && phase.canWake) {
      this.#hold(Number.NEGATIVE_INFINITY);
      this.#host.note('a backoff was cut short');
    }
    if (phase.kind === 'consulting') this.phase = { ...phase, hasRecovered: true };
    // It may have passed the gate before: who rests has no place to keep.
    if (phase.kind === 'held' && phase.restsUntil > time.now) this.phase = { ...phase, latest: time.now };
  }

  /**
   * The network is lost again. Who waited in the gate alone comes back to wait for the network; and who had passed it in the moment of the
   * return has lost the place in the queue.
   */
  onLoss(): void {
    const { phase, source, time } = this;
    const hasLostPlace = !this.isPaused || source?.upSince === time.now;
    if (phase.kind === 'held' && hasLostPlace) this.phase = { ...phase, latest: time.now };
  }

  /** Whether it waits, and has from before a moment. */
  hasWaitedSince(moment: number): boolean {
    const { phase } = this;
    return phase.kind === 'held' && !this.userSignal.aborted && Math.max(phase.latest, phase.restsUntil) < moment;
  }

  /** When its trial may begin. */
  trialDueAt({ reason, trials, lastTrialAt, silentSince }: ObservedSource): number {
    const { trialInterval, idempotent } = this.options;
    const regular = lastTrialAt + trialInterval;
    if (!idempotent || reason !== 'unreachable') return regular;
    // Where only the check hosts say so, the first five come sooner: after a 32nd of the interval, then twice as long each time.
    const early = trialInterval / 2 ** Math.max(0, 5 - trials);
    return Math.min(regular, Math.max(lastTrialAt, silentSince) + early);
  }

  /** Whether it waits, and whether it may have passed the gate and only rests a little. */
  get waiting(): 'in the room' | 'perhaps resting' | 'no' {
    if (this.phase.kind !== 'held') return 'no';
    return this.phase.restsUntil > this.time.now - SLACK ? 'perhaps resting' : 'in the room';
  }

  /** How many timers it may need. */
  get timers(): number {
    const { phase, options, source } = this;
    if (phase.kind === 'due' || phase.kind === 'held') return 1;
    if (phase.kind !== 'attempt') return 0;
    const forTimeout = options.timeout === Number.POSITIVE_INFINITY ? 0 : 1;
    const forLoss = options.idempotent && source?.isDown ? 1 : 0;
    const forGrace = options.abandon !== false && phase.attempt.signal.aborted ? 1 : 0;
    return forTimeout + forLoss + forGrace;
  }

  /** Whether it only waits, so that nothing else may be there to keep the process alive. */
  get holdsProcess(): boolean {
    return this.phase.kind === 'held' || (this.phase.kind === 'due' && this.phase.at > this.time.now);
  }

  /** Whether it has cause to tell its source of this. */
  explains(outcome: WorkOutcome): boolean {
    const { source, lastAttempt: attempt } = this;
    if (source === undefined || attempt === undefined) return false;
    if (outcome.ok) return source.state !== 'up' && (!source.isDown || attempt.isTrial) && isAnswer(attempt.end);
    if (this.phase.kind === 'attempt' && attempt.signal.reason === outcome.error) this.#giveUp(attempt);
    if (this.phase.kind !== 'asking') return false;
    const failure = this.#understand(attempt);
    return failure.error === outcome.error && failure.isNetworkLike && !attempt.overlapsOutage;
  }

  // What the Retryer does

  run(): void {
    const { options, consumes, callbackDelay } = this.#plan;
    const retryer = createRetryer({
      ...options,
      signal: this.controller.signal,
      ...(this.source === undefined ? { waitForNetwork: false } : { network: this.source }),
      ...(callbackDelay > 0 && { onFailedAttempt: () => this.#consult(callbackDelay) }),
      ...(consumes.length > 0 && { shouldConsumeRetry: () => consumes[this.#spent - 1] ?? true }),
    });
    retryer.on('attempt', (event) => this.#watched(() => this.#onAttemptEvent(event)));
    retryer.on('failure', (event) => this.#watched(() => this.#onFailure(event)));
    retryer.on('pause', () => this.#watched(() => this.#onPause()));
    retryer.on('resume', (event) => this.#watched(() => this.#onResume(event)));
    retryer.on('settle', (event) => this.#watched(() => this.#onSettle(event)));
    retryer
      .run((number, context) => this.#operate(number, context))
      .then(
        (value) => this.#watched(() => this.#onOutcome({ value })),
        (error: unknown) => this.#watched(() => this.#onOutcome({ error })),
      );
  }

  #watched(look: () => void): void {
    this.time.stir();
    try {
      look();
    } catch (error) {
      if (!(error instanceof InvariantViolation)) throw error;
      this.#host.blame(error);
    }
  }

  #onAttemptEvent(event: AttemptEvent): void {
    if (this.#announced !== undefined) throw new InvariantViolation(14, 'an attempt was announced and never began');
    this.#announced = event;
  }

  #operate(number: number, context: AttemptContext): Promise<string> | string {
    const isTrial = this.#announced?.isTrial === true;
    this.#watched(() => this.#verifyStart(number, isTrial));
    this.#announced = undefined;
    const attempt = new ObservedAttempt(number, isTrial, context, this);
    attempt.signal.addEventListener('abort', () => this.#watched(() => this.#onAttemptAbort(attempt)));
    this.phase = { kind: 'attempt', attempt };
    this.lastAttempt = attempt;
    this.#attempts += 1;
    const ending = this.#plan.attempts[this.#attempts - 1];
    if (ending === undefined) {
      this.#onOperationEnd(attempt, { ok: true, value: 'done' });
      return 'done';
    }
    if (ending.aborts !== undefined) this.#host.abort(ending.aborts);
    if (ending.progresses && ending.outcome === 'throws') this.advance();
    return attempt.perform(ending, (end) => this.#onOperationEnd(attempt, end));
  }

  #onAttemptAbort(attempt: ObservedAttempt): void {
    if (!attempt.isCurrent) return;
    attempt.verifyAbort();
    const { reason } = attempt.signal;
    if (reason instanceof AttemptTimeoutError) this.#host.note('an attempt was ended by AttemptTimeoutError');
    else if (reason instanceof NetworkDownError) this.#host.note('an attempt was ended by NetworkDownError');
    else this.#host.note('an attempt was ended by its user');
  }

  #verifyStart(number: number, isTrial: boolean): void {
    const { source, phase, time } = this;
    if (this.#announced === undefined) throw new InvariantViolation(14, 'an attempt began that no event told of');
    if (number !== this.#spent + 1)
      throw new InvariantViolation(4, `attempt ${number} began after ${this.#spent} were spent`);
    if (this.#announced?.attemptNumber !== number)
      throw new InvariantViolation(14, 'an attempt was announced with another number');
    if (phase.kind === 'attempt' || phase.kind === 'asking') throw new InvariantViolation(6, 'two attempts overlap');
    if (phase.kind === 'over' || phase.kind === 'ending')
      throw new InvariantViolation(6, 'an attempt began after the end');
    if (this.userSignal.aborted) throw new InvariantViolation(6, 'an attempt began after the abort');
    if (isTrial !== (source?.isDown ?? false))
      throw new InvariantViolation(1, `a ${isTrial ? 'trial' : 'regular attempt'} began`);
    if (isTrial && phase.kind !== 'held') throw new InvariantViolation(2, 'a trial began that had not waited');
    if (isTrial && source && phase.kind === 'held') this.#verifyTrial(source, phase);
    if (!isTrial && this.isPaused) throw new InvariantViolation(14, 'an attempt began within a pause');
    if (phase.kind === 'due' && time.now < phase.at - SLACK)
      throw new InvariantViolation(4, 'an attempt began before it was due');
    if (!isTrial && phase.kind === 'held') this.#verifyRestart(phase, source);
    if (isTrial) this.#host.note('a trial began');
  }

  #verifyTrial(source: ObservedSource, { since }: Held): void {
    if (!source.allowsTrials) throw new InvariantViolation(2, 'a trial began where it could only fail');
    const { now } = this.time;
    const early = this.trialDueAt(source) - now;
    if (early > SLACK) throw new InvariantViolation(2, `a trial began ${early} ms too early`);
    // Turns that came while trials made no sense were nobody's.
    const senseless = Math.max(0, source.trialsMakeSenseSince - source.lastTrialAt);
    if (this.#host.isPassedOver(source, since, now - senseless)) throw new InvariantViolation(2, 'it was not its turn');
    source.noteTrial();
  }

  #verifyRestart({ since, restsUntil }: Held, source: ObservedSource | undefined): void {
    if (source === undefined) throw new InvariantViolation(8, 'it waited without a network');
    if (this.time.now < restsUntil - SLACK) throw new InvariantViolation(9, 'it did not rest before the repetition');
    if (source.lastRecovery?.at === this.time.now) source.lastRecovery.starts += 1;
    if (this.#host.isOvertaking(source, since))
      throw new InvariantViolation(9, 'a call overtook one that has waited longer');
  }

  #onOperationEnd(attempt: ObservedAttempt, end: OperationEnd): void {
    attempt.end = end;
    if (!attempt.isCurrent) return;
    if (this.userSignal.aborted) this.#end(attempt, { error: this.userSignal.reason });
    else if (end.ok) this.#end(attempt, { value: end.value });
    else this.phase = { kind: 'asking', attempt, since: this.time.now };
  }

  #end(attempt: ObservedAttempt, outcome: Outcome): void {
    attempt.isCurrent = false;
    this.phase = { kind: 'ending', outcome };
  }

  #onFailure({ error, spent, isTrial, duration, attemptNumber }: FailureEvent): void {
    const { phase } = this;
    const attempt = phase.kind === 'attempt' || phase.kind === 'asking' ? phase.attempt : undefined;
    if (attempt === undefined) throw new InvariantViolation(14, 'a failure was told of that there was not');
    if (this.userSignal.aborted) throw new InvariantViolation(10, 'a failure was judged after the abort');
    if (phase.kind === 'attempt') this.#giveUp(attempt);
    attempt.isCurrent = false;
    const endedAt = phase.kind === 'asking' ? phase.since : this.time.now;
    const failure = this.#understand(attempt);
    if (error !== failure.error)
      throw new InvariantViolation(10, `the failure was ${String(failure.error)}, not ${String(error)}`);
    if (attemptNumber !== attempt.number || isTrial !== attempt.isTrial || duration !== endedAt - attempt.startedAt) {
      throw new InvariantViolation(14, 'the event of a failure tells of another attempt');
    }
    if (attempt.hasProgressed) this.#onProgress();
    this.#failures.push({ number: attempt.number, startedAt: attempt.startedOn, duration, error, spent, isTrial });
    const mayLose = isTrial || this.#lost < this.options.maxOutages;
    const isTheNetwork = failure.isNetworkLike && (failure.wasInterrupted || attempt.overlapsOutage);
    const isFree = isTheNetwork && failure.mayRepeat && !failure.wantsStop && mayLose && this.source !== undefined;
    if (spent === isFree) throw new InvariantViolation(3, `${String(error)} was ${spent ? '' : 'not '}spent`);
    if (failure.isOwn) this.#lastOwnError = { error };
    const mustAsk = !isFree && failure.isNetworkLike && failure.mayRepeat && !failure.wantsStop && mayLose;
    if (mustAsk && this.source && !this.source.hasAsked(error))
      throw new InvariantViolation(13, 'the source was not asked');
    this.#host.note(isFree ? 'a failure cost nothing' : 'a failure was spent');
    if (isFree) this.#lose(isTrial);
    else this.#spend(failure);
  }

  /** The user's callback takes its time. */
  #consult(duration: number): Promise<void> {
    return new Promise((resolve) => {
      this.time.after(duration, () => {
        this.time.stir();
        if (this.phase.kind === 'consulting') this.#goOn(this.phase);
        resolve();
      });
    });
  }

  #understand(attempt: ObservedAttempt): Failure {
    const { signal } = attempt;
    const end = attempt.end === undefined || attempt.isGivenUp ? abandoned(signal) : attempt.end;
    if (end.ok) throw new Error('no failure');
    const { meaning, says } = end;
    const isEcho = says === 'aborted';
    const wasAborted = signal.aborted && !meaning.byItself;
    const wantsStop = says === 'stop';
    return {
      error: isEcho ? signal.reason : end.error,
      isOwn: !isEcho,
      isNetworkLike: meaning.isNetworkLike || wasAborted,
      wasInterrupted: wasAborted && signal.reason instanceof NetworkDownError,
      mayRepeat: this.options.idempotent || meaning.nothingSent,
      wantsStop,
      retryAfter: meaning.retryAfter,
    };
  }

  /** It goes on without an attempt that does not settle. */
  #giveUp(attempt: ObservedAttempt): void {
    this.#verifyAbandonment(attempt);
    attempt.isCurrent = false;
    attempt.isGivenUp = true;
    this.phase = { kind: 'asking', attempt, since: this.time.now };
  }

  #verifyAbandonment({ signal, abortedAt = Number.POSITIVE_INFINITY }: ObservedAttempt): void {
    const { abandon } = this.options;
    const grace = typeof abandon === 'number' ? abandon : 1000;
    const isAllowed = abandon !== false && signal.aborted && this.time.now >= abortedAt + grace - SLACK;
    if (!isAllowed) throw new InvariantViolation(6, 'an attempt was given up that had not settled');
    this.#host.note('an attempt was abandoned');
  }

  #lose(isTrial: boolean): void {
    if (!isTrial) this.#lost += 1;
    this.#hold(this.time.now + SHORTEST_PAUSE);
  }

  #hold(restsUntil: number): void {
    const { now } = this.time;
    this.phase = { kind: 'held', since: now, latest: now, restsUntil };
  }

  #spend(failure: Failure): void {
    this.#spent += 1;
    if (this.#hasProgressedSinceSpent && this.#retriesTaken > 0) {
      this.#retriesTaken = 0;
      this.#host.note('progress gave the attempts back');
    }
    this.#hasProgressedSinceSpent = false;
    const consulting = { kind: 'consulting', failure, since: this.time.now, hasRecovered: false } as const;
    // p-retry asks nobody about its AbortError.
    if (this.#plan.callbackDelay > 0 && !failure.wantsStop) this.phase = consulting;
    else this.#goOn(consulting);
  }

  #goOn({ failure, hasRecovered }: Consulting): void {
    const { retries } = this.options;
    const consumes = this.#plan.consumes[this.#spent - 1] ?? true;
    const isBug = failure.error instanceof TypeError && consumes;
    const isFinal = failure.wantsStop || !failure.mayRepeat || isBug;
    if (isFinal || this.#retriesTaken >= retries || this.#timeLeft <= 0) {
      this.phase = { kind: 'ending', outcome: { error: causeOf(failure) } };
      return;
    }
    const delay = consumes ? Math.min(this.#backoff(failure.retryAfter), this.#timeLeft) : FREE_DELAY;
    if (consumes) this.#retriesTaken += 1;
    const canWake = delay > 0 && this.source !== undefined;
    if (hasRecovered && canWake) this.#hold(Number.NEGATIVE_INFINITY);
    else this.phase = { kind: 'due', at: this.time.now + delay, canWake };
  }

  #backoff(retryAfter: number): number {
    const { minTimeout, maxTimeout, factor } = this.options;
    return Math.min(maxTimeout, Math.max(minTimeout * (factor || 1) ** this.#retriesTaken, retryAfter));
  }

  get #timeLeft(): number {
    const { maxRetryTime, countPausedTime } = this.options;
    const paused = this.#pausedFor + (this.#pause ? this.time.now - this.#pause.at : 0);
    return maxRetryTime - (this.time.now - this.#startedAt) + (countPausedTime ? 0 : paused);
  }

  #onProgress(): void {
    this.#hasProgressedSinceSpent = true;
    this.#lost = 0;
  }

  #onPause(): void {
    const { phase, source, time } = this;
    if (this.#pause !== undefined) throw new InvariantViolation(14, 'a pause began within a pause');
    if (phase.kind === 'due') {
      if (!source?.isDown) throw new InvariantViolation(8, 'a call paused while the network was there');
      if (time.now < phase.at - SLACK) throw new InvariantViolation(14, 'a pause began within a backoff');
      this.#hold(Number.NEGATIVE_INFINITY);
    } else if (phase.kind !== 'held') {
      throw new InvariantViolation(14, `a pause began in the phase ${phase.kind}`);
    }
    const { maxPause, countPausedTime } = this.options;
    const limit = Math.min(maxPause, countPausedTime ? this.#timeLeft : Number.POSITIVE_INFINITY);
    this.#pause = { at: time.now, on: Date.now(), limit: Math.max(0, limit) };
    this.#host.note('a call paused');
  }

  #onResume({ duration }: ResumeEvent): void {
    if (this.#pause === undefined) throw new InvariantViolation(14, 'a call resumed that had not paused');
    if (duration !== this.time.now - this.#pause.at)
      throw new InvariantViolation(14, 'a pause was told to be of another length');
    this.#closePause();
  }

  #closePause(): void {
    if (this.#pause === undefined) return;
    const duration = this.time.now - this.#pause.at;
    this.#outages.push({ startedAt: this.#pause.on, duration });
    this.#pausedFor += duration;
    this.#pause = undefined;
  }

  #onSettle({ duration, outages, attemptNumber }: SettleEvent): void {
    this.#settlements += 1;
    if (this.#settlements > 1) throw new InvariantViolation(10, 'a call settled twice');
    if (duration !== this.time.now - this.#startedAt)
      throw new InvariantViolation(14, 'a call was told to be of another length');
    if (outages !== this.#outages.length + (this.isPaused ? 1 : 0))
      throw new InvariantViolation(14, 'the outages were miscounted');
    if (attemptNumber !== this.#spent && attemptNumber !== this.#spent + 1)
      throw new InvariantViolation(14, 'the number is wrong');
  }

  #onOutcome(outcome: Outcome): void {
    const { phase } = this;
    if (this.#settlements !== 1)
      throw new InvariantViolation(10, `a call ended with ${this.#settlements} events of its end`);
    if (phase.kind === 'attempt') phase.attempt.isCurrent = false;
    this.phase = { kind: 'over' };
    if (!this.#isRightOutcome(outcome, phase)) {
      throw new InvariantViolation(10, `it ended with ${inspect(outcome)} in the phase ${phase.kind}`);
    }
    const isPaused = this.isPaused;
    this.#closePause();
    if ('error' in outcome) this.#verifyReport(outcome.error);
    else if (isPaused) throw new InvariantViolation(14, 'a call succeeded within a pause');
  }

  #isRightOutcome(outcome: Outcome, phase: Phase): boolean {
    if (this.userSignal.aborted && 'error' in outcome && outcome.error === this.userSignal.reason) {
      if (phase.kind === 'attempt') this.#verifyAbandonment(phase.attempt);
      if (phase.kind !== 'over') this.#host.note(`an abort ended a call while ${phase.kind}`);
      return true;
    }
    if (phase.kind === 'ending') {
      if ('value' in phase.outcome) return 'value' in outcome && outcome.value === phase.outcome.value;
      return 'error' in outcome && outcome.error === phase.outcome.error;
    }
    if (phase.kind !== 'held' || !('error' in outcome)) return false;
    if (this.source?.stoppedAt === this.time.now && this.#isLast(outcome.error, MonitorStoppedError)) {
      this.#host.note('a stop ended a call');
      return true;
    }
    if (this.time.now < this.#pauseEndsAt - SLACK) return false;
    this.#host.note('a pause was given up');
    return this.#isLast(outcome.error, OutageTimeoutError);
  }

  #isLast(error: unknown, otherwise: new (...parameters: never[]) => Error): boolean {
    return this.#lastOwnError === undefined ? error instanceof otherwise : error === this.#lastOwnError.error;
  }

  get #pauseEndsAt(): number {
    return this.#pause === undefined ? Number.POSITIVE_INFINITY : this.#pause.at + this.#pause.limit;
  }

  /** What is told of a call that failed, but for the reason of a monitor's stop, which ends many at once. */
  #verifyReport(error: unknown): void {
    if (error instanceof MonitorStoppedError) return;
    const difference = differenceOf(retryReport(error), this.#failures, this.#outages);
    if (difference !== undefined) throw new InvariantViolation(14, difference);
  }

  // What must be so whenever everything has come to rest

  verify(): void {
    const { phase, source, time } = this;
    const canEnd =
      phase.kind === 'due' || phase.kind === 'held' || phase.kind === 'asking' || phase.kind === 'consulting';
    if (canEnd && this.userSignal.aborted) throw new InvariantViolation(11, 'its abort has not ended it');
    switch (phase.kind) {
      case 'attempt':
        if (this.isPaused && !phase.attempt.isTrial) throw new InvariantViolation(14, 'it runs within a pause');
        phase.attempt.verify();
        this.#verifyGrace(phase.attempt);
        return;
      case 'asking':
        if (time.now > phase.since + this.#host.reportDelay + SLACK)
          throw new InvariantViolation(8, 'a failure is never judged');
        return;
      case 'consulting':
        if (time.now <= phase.since + this.#plan.callbackDelay + SLACK) return;
        throw new InvariantViolation(8, 'a failure is never decided');
      case 'due':
        if (time.now > phase.at + SLACK)
          throw new InvariantViolation(8, `an attempt is overdue by ${time.now - phase.at} ms`);
        return;
      case 'held':
        if (source?.isDown) this.#verifyPaused(source, Math.max(phase.latest, phase.restsUntil));
        else if (source) this.#verifyHeld(source, phase);
        return;
      case 'ending':
        throw new InvariantViolation(10, `it should have ended with ${inspect(phase.outcome)}`);
      case 'over':
        if (this.signalListeners() > 0) throw new InvariantViolation(12, 'a listener is left on the signal');
    }
  }

  #verifyGrace({ abortedAt }: ObservedAttempt): void {
    const { abandon } = this.options;
    if (abortedAt === undefined || abandon === false) return;
    const grace = typeof abandon === 'number' ? abandon : 1000;
    if (this.time.now > abortedAt + grace + SLACK) throw new InvariantViolation(8, 'an attempt was not abandoned');
  }

  #verifyHeld(source: ObservedSource, { since, restsUntil }: Held): void {
    const freeSince = Math.max(since, source.upSince, restsUntil);
    if (this.time.now > freeSince + LONGEST_GATE)
      throw new InvariantViolation(8, 'it does not go on although the network is up');
  }

  #verifyPaused(source: ObservedSource, since: number): void {
    const { now } = this.time;
    if (!this.isPaused) throw new InvariantViolation(11, 'it waits for the network, and nobody knows');
    if (source.stoppedAt === now) return;
    if (now > Math.max(since, this.#pauseEndsAt) + SLACK)
      throw new InvariantViolation(11, 'a pause lasts longer than maxPause');
    const { trialInterval } = this.options;
    const trialDueAt = Math.max(since, Math.max(source.lastTrialAt, source.trialsMakeSenseSince) + trialInterval);
    if (now > trialDueAt + SLACK) throw new InvariantViolation(2, `a trial is overdue by ${now - trialDueAt} ms`);
  }
}

/** How a failure is to be understood, said once more and not by the code under test. */
interface Failure {
  readonly error: unknown;
  /** Whether the error is the operation's own. */
  readonly isOwn: boolean;
  readonly isNetworkLike: boolean;
  readonly wasInterrupted: boolean;
  readonly mayRepeat: boolean;
  readonly wantsStop: boolean;
  readonly retryAfter: number;
}

/** From a loss to the repetition at least, in milliseconds. */
const SHORTEST_PAUSE = 10;

/** Before an attempt that takes no retry, in milliseconds. */
const FREE_DELAY = 1;

/** Eight narrow rounds and two wide ones of 75 ms let more calls through than a world has. */
const LONGEST_GATE = 10 * 75 + SLACK;

function abandoned({ reason }: AbortSignal): OperationEnd & { readonly ok: false } {
  const meaning = { isNetworkLike: false, byItself: false, nothingSent: false, retryAfter: 0 };
  return { ok: false, error: reason, meaning, says: 'aborted' };
}

/** What p-retry makes of its AbortError. */
function causeOf({ error }: { readonly error: unknown }): unknown {
  return error instanceof Error && 'originalError' in error ? error.originalError : error;
}

/** Somebody answered, if only with an error. */
function isAnswer(end: OperationEnd | undefined): boolean {
  if (end === undefined) return false;
  return end.ok || (typeof end.error === 'object' && end.error !== null && 'status' in end.error);
}
