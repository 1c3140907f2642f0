import { AttemptTimeoutError, NetworkDownError } from '../../../../src/errors/index.js';
import type { AttemptContext } from '../../../../src/retry/index.js';
import { isPathReason } from '../../../../src/state/index.js';
import { InvariantViolation } from './invariant.js';
import type { ObservedSource } from './observed-source.js';
import { type Ending, failureOf, MEANING, type Meaning, type PlannedOptions, stopError } from './plan.js';
import { SLACK, type VirtualTime } from './virtual-time.js';

/** How an operation ended, and what that means. */
export type OperationEnd =
  | { readonly ok: true; readonly value: string }
  | {
      readonly ok: false;
      readonly error: unknown;
      readonly meaning: Meaning;
      readonly says: 'failed' | 'aborted' | 'stop';
    };

/** What an attempt needs to know of its call. */
export interface AttemptHost {
  readonly time: VirtualTime;
  readonly source: ObservedSource | undefined;
  readonly options: PlannedOptions;
  readonly userSignal: AbortSignal;
  /** An offset higher than any before; tells whether anybody still counts it. */
  nextOffset(): number;
}

/** One attempt as the operation sees it: does what its script says, and knows when its signal must abort and when it must not. */
export class ObservedAttempt {
  readonly startedAt: number;
  readonly startedOn = Date.now();
  readonly signal: AbortSignal;
  lastProgressAt: number;
  hasProgressed = false;
  /** How many outages had ended when it began or last got ahead. */
  recoveriesSeen: number;
  abortedAt: number | undefined;
  end: OperationEnd | undefined;
  /** Whether the call still waits for it. */
  isCurrent = true;
  /** Whether the call went on without it, before it had settled. */
  isGivenUp = false;
  readonly #host: AttemptHost;
  readonly #strandingsSeen: number;
  readonly #progress: (offset: number) => void;

  constructor(
    readonly number: number,
    readonly isTrial: boolean,
    context: AttemptContext,
    host: AttemptHost,
  ) {
    this.#host = host;
    this.startedAt = host.time.now;
    this.lastProgressAt = this.startedAt;
    this.recoveriesSeen = host.source?.outagesEnded ?? 0;
    this.#strandingsSeen = host.source?.strandings ?? 0;
    this.signal = context.signal;
    this.#progress = context.progress;
    this.signal.addEventListener('abort', () => {
      this.abortedAt = host.time.now;
      host.time.stir();
    });
  }

  /** Does what the script says. */
  perform(ending: Ending, onEnd: (end: OperationEnd) => void): Promise<string> | string {
    const finish = (end: OperationEnd): void => {
      this.end = end;
      this.#host.time.stir();
      onEnd(end);
    };
    if (ending.outcome === 'throws') {
      const end = failed('refused');
      finish(end);
      throw end.error;
    }
    return new Promise((resolve, reject) => {
      const timers: (() => void)[] = [];
      const settle = (end: OperationEnd): void => {
        if (this.end !== undefined) return;
        for (const stop of timers) stop();
        finish(end);
        if (end.ok) resolve(end.value);
        else reject(end.error);
      };
      const { time } = this.#host;
      const duration = ending.outcome === 'hangs' ? A_MINUTE : ending.duration;
      if (ending.progresses) timers.push(time.after(duration / 2, () => this.advance()));
      timers.push(time.after(duration, () => settle(endOf(ending.outcome))));
      this.signal.addEventListener('abort', () => {
        if (ending.onAbort === 'ignores') return;
        const delay = ending.onAbort === 'lingers' ? 300 : 0;
        const end = answerToAbort(ending, this.signal.reason);
        if (delay === 0) settle(end);
        else timers.push(time.after(delay, () => settle(end)));
      });
    });
  }

  /** The operation gets ahead, and says so. */
  advance(): void {
    if (this.isCurrent) {
      this.hasProgressed = true;
      this.lastProgressAt = this.#host.time.now;
      this.recoveriesSeen = this.#host.source?.outagesEnded ?? 0;
    }
    this.#progress(this.#host.nextOffset());
  }

  /** Whether the network is down, or was since the attempt began or last got ahead. */
  get overlapsOutage(): boolean {
    const { source } = this.#host;
    return source !== undefined && (source.isDown || source.outagesEnded !== this.recoveriesSeen);
  }

  /** Invariant 7: what must have ended it by now. */
  verify(): void {
    const { time, options } = this.#host;
    if (this.signal.aborted) return;
    if (this.#host.userSignal.aborted) throw new InvariantViolation(7, 'the call was aborted and its attempt was not');
    if (time.now > this.startedAt + options.timeout + SLACK) throw new InvariantViolation(7, 'its time is long up');
    if (time.now > this.#lostFrom + SLACK) throw new InvariantViolation(7, 'the network under it is long lost');
    if (this.#wasJustCutOff) throw new InvariantViolation(7, 'its connection cannot be carried any more');
  }

  /** Invariant 7: whether there was a reason to end it just now. */
  verifyAbort(): void {
    const { signal } = this;
    const { time, options, userSignal } = this.#host;
    if (userSignal.aborted && signal.reason === userSignal.reason) return;
    if (signal.reason instanceof AttemptTimeoutError) {
      if (time.now >= this.startedAt + options.timeout - SLACK) return;
    } else if (signal.reason instanceof NetworkDownError) {
      if (time.now >= this.#lostFrom - SLACK || this.#wasJustCutOff) return;
    }
    throw new InvariantViolation(7, `the attempt was ended without need: ${String(signal.reason)}`);
  }

  /** From when on the network counts as lost under it. */
  get #lostFrom(): number {
    const { source, options } = this.#host;
    if (source?.downSince === undefined || !options.idempotent) return Number.POSITIVE_INFINITY;
    // It began in the knowledge that the network is said to be down.
    if (this.isTrial && this.startedAt >= source.downSince) return Number.POSITIVE_INFINITY;
    const { path, reach } = options.interruptAfter;
    return Math.max(source.kindSince, this.lastProgressAt) + (isPathReason(source.reason) ? path : reach);
  }

  /** Its address has gone; or it is a trial without an answer, whose connection waits out its backoff though the network is back. */
  get #wasJustCutOff(): boolean {
    const { source, time, options } = this.#host;
    if (source === undefined || !options.idempotent) return false;
    if (source.strandings !== this.#strandingsSeen) return true;
    const isBack = source.upSince === time.now && source.downSince === undefined;
    return this.isTrial && !this.hasProgressed && isBack;
  }
}

/** When its server gives up what hangs. */
const A_MINUTE = 60_000;

function endOf(outcome: Ending['outcome']): OperationEnd {
  switch (outcome) {
    case 'value':
      return { ok: true, value: 'done' };
    case 'stops':
      return { ok: false, error: stopError(), meaning: MEANING.reset, says: 'stop' };
    case 'hangs':
      return failed('reset');
    case 'throws':
      return failed('refused');
    default:
      return failed(outcome);
  }
}

function failed(kind: keyof typeof MEANING): OperationEnd & { readonly ok: false } {
  return { ok: false, error: failureOf(kind), meaning: MEANING[kind], says: 'failed' };
}

function answerToAbort({ onAbort }: Ending, reason: unknown): OperationEnd {
  switch (onAbort) {
    case 'answer':
      return failed('answer');
    case 'words':
      return failed('unknown');
    case 'AbortError':
      return { ok: false, error: new DOMException('aborted', 'AbortError'), meaning: MEANING.unknown, says: 'aborted' };
    default:
      return { ok: false, error: reason, meaning: MEANING.unknown, says: 'aborted' };
  }
}
