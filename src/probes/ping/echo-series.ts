import type { PingError } from './ping-result.js';
import { InterarrivalJitter } from './rtt-statistics.js';

/** When the requests of a series are sent, and until when each may be answered. Milliseconds. */
export interface SeriesPlan {
  readonly count: number;
  readonly interval: number;
  readonly timeout: number;
}

/** What came of a series. */
export interface SeriesOutcome {
  readonly sent: number;
  readonly received: number;
  readonly duplicates: number;
  readonly reordered: number;
  /** In milliseconds and in the order of asking; what was not answered has none. */
  readonly samples: readonly number[];
  readonly jitter: number | undefined;
  readonly replyTtls: readonly number[];
  readonly errors: readonly PingError[];
  /** Why this host could not send, the last time that it could not; of TCP, also what came in the place of an answer. */
  readonly sendError: unknown;
}

/** More different ones are only the work of somebody who makes them up. */
const MOST_DIFFERENT = 16;

/** What has come in time is read a little later. Milliseconds. */
const GRACE = 1;

const WAITING = 1;
const ANSWERED = 2;
const REFUSED = 3;
const LOST = 4;

/**
 * A number of requests to one target, what has become of each, and what is to be done next. Knows no socket and no clock: moments are handed
 * in, as milliseconds of whatever clock.
 */
export class EchoSeries {
  readonly #plan: SeriesPlan;
  readonly #states: Uint8Array;
  readonly #deadlines: Float64Array;
  readonly #rtts: Float64Array;
  readonly #jitter = new InterarrivalJitter();
  readonly #replyTtls = new Set<number>();
  readonly #errors = new Map<string, PingError>();
  /** How many are to be sent: fewer than planned, once that has turned out to be no use. */
  #count: number;
  #nextSend: number;
  /** How many were begun. */
  #next = 0;
  /** All before are over. */
  #firstOpen = 0;
  #unsent = 0;
  #waiting = 0;
  #received = 0;
  #highest = -1;
  #duplicates = 0;
  #reordered = 0;
  #sendError: unknown;

  constructor(plan: SeriesPlan, startAt: number) {
    this.#plan = plan;
    this.#count = plan.count;
    this.#nextSend = startAt;
    this.#states = new Uint8Array(plan.count);
    this.#deadlines = new Float64Array(plan.count);
    this.#rtts = new Float64Array(plan.count);
  }

  get isOver(): boolean {
    return this.#next === this.#count && this.#waiting === 0;
  }

  /** Which request is the next. */
  get next(): number {
    return this.#next;
  }

  get timeout(): number {
    return this.#plan.timeout;
  }

  /** When there is something to do next: to send, or to give up waiting. Infinity once it is over. */
  get due(): number {
    const sending = this.#next < this.#count ? this.#nextSend : Number.POSITIVE_INFINITY;
    return Math.min(sending, this.#earliestDeadline());
  }

  wantsToSend(now: number): boolean {
    return this.#next < this.#count && this.#nextSend <= now;
  }

  /** Begins the next request. @returns its number, from 0. */
  begin(now: number): number {
    const index = this.#next;
    this.#next += 1;
    this.#states[index] = WAITING;
    this.#deadlines[index] = now + this.#plan.timeout + GRACE;
    this.#waiting += 1;
    // In step with the plan; but what a stalled process has missed is not made up for in a burst.
    this.#nextSend = Math.max(this.#nextSend + this.#plan.interval, now + this.#plan.interval / 2);
    return index;
  }

  /** This host could not send it. Where it can send nothing from the first, no more is tried. */
  unsent(index: number, error: unknown): void {
    this.#unsent += 1;
    this.#sendError = error;
    this.#settle(index, LOST);
    if (this.#unsent === this.#next) this.#count = this.#next;
  }

  /** It was sent, and brought the system's error in the place of an answer. */
  failed(index: number, error: unknown): void {
    this.#sendError = error;
    this.#settle(index, LOST);
  }

  /** A reply that is what it should be. @param rtt in milliseconds. @param hopLimit −1 where it is unknown. */
  replied(index: number, rtt: number, hopLimit: number): void {
    if (this.#states[index] === ANSWERED) {
      this.#duplicates += 1;
      return;
    }
    this.#settle(index, ANSWERED);
    this.#rtts[index] = rtt;
    this.#received += 1;
    if (index < this.#highest) this.#reordered += 1;
    else this.#highest = index;
    this.#jitter.add(rtt);
    if (hopLimit >= 0 && this.#replyTtls.size < MOST_DIFFERENT) this.#replyTtls.add(hopLimit);
  }

  /** An ICMP error in the place of a reply. */
  refused(index: number, error: Omit<PingError, 'count'>): void {
    if (this.#states[index] === WAITING) this.#settle(index, REFUSED);
    const { from, type, code, mtu } = error;
    const key = `${from} ${type} ${code} ${mtu}`;
    const known = this.#errors.get(key);
    if (known === undefined && this.#errors.size >= MOST_DIFFERENT) return;
    this.#errors.set(key, { ...error, count: (known?.count ?? 0) + 1 });
  }

  /** Gives up what was due by now. Calls back with each request that no reply is expected to any more. */
  expire(now: number, onClosed: (index: number) => void): void {
    while (this.#firstOpen < this.#next && (this.#deadlines[this.#firstOpen] ?? 0) <= now) {
      if (this.#states[this.#firstOpen] === WAITING) this.#settle(this.#firstOpen, LOST);
      onClosed(this.#firstOpen);
      this.#firstOpen += 1;
    }
  }

  /**
   * Calls back with each request that a reply may still come to, and expects none from now on. What still had time to be answered does not
   * count as sent: nobody knows whether it is lost.
   */
  end(now: number, onClosed: (index: number) => void): void {
    this.expire(now, onClosed);
    this.#unsent += this.#waiting;
    this.#count = this.#next;
    this.expire(Number.POSITIVE_INFINITY, onClosed);
  }

  outcome(): SeriesOutcome {
    const answered = (_: number, index: number): boolean => this.#states[index] === ANSWERED;
    return {
      sent: this.#next - this.#unsent,
      received: this.#received,
      duplicates: this.#duplicates,
      reordered: this.#reordered,
      samples: Array.from(this.#rtts.filter(answered)),
      jitter: this.#jitter.value,
      replyTtls: [...this.#replyTtls],
      errors: [...this.#errors.values()],
      sendError: this.#sendError,
    };
  }

  #settle(index: number, state: number): void {
    if (this.#states[index] === WAITING) this.#waiting -= 1;
    this.#states[index] = state;
  }

  /** All have the same time, so the oldest that still waits is the first to be given up. */
  #earliestDeadline(): number {
    if (this.#waiting === 0) return Number.POSITIVE_INFINITY;
    let index = this.#firstOpen;
    while (index < this.#next && this.#states[index] !== WAITING) index += 1;
    return this.#deadlines[index] ?? Number.POSITIVE_INFINITY;
  }
}
