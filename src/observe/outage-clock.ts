import type { LinkChange } from '../monitor/index.js';
import { type CheckResult, isPathReason, type NetworkChange, type NetworkReason } from '../state/index.js';

/** An outage that has begun. */
export interface OutageBegin {
  readonly kind: 'begin';
  readonly reason: NetworkReason;
  /** Milliseconds from the start of the first check that failed; only where checks, not the kernel, found the outage. */
  readonly detection: number | undefined;
}

/** An outage that has ended. */
export interface OutageEnd {
  readonly kind: 'end';
  /** The reason with which it began. */
  readonly reason: NetworkReason;
  /** Milliseconds. */
  readonly duration: number;
  /** Milliseconds from the first sign that the network is back; `undefined` where there was none, because work got through. */
  readonly recovery: number | undefined;
}

interface Outage {
  readonly reason: NetworkReason;
  readonly startedAt: number;
  /** The interface whose loss it is, where it is one's. */
  readonly interface: string | undefined;
  /** When it was first seen that the network might be back. */
  signAt: number | undefined;
}

/** Measures outages by what a monitor tells. Times are milliseconds of a monotonic clock. */
export class OutageClock {
  /** Checks whose last result was a failure: one that always fails is no sign of an outage. */
  readonly #failing = new Set<string>();
  #lastAnswerAt = Number.NEGATIVE_INFINITY;
  #silentSince: number | undefined;
  #outage: Outage | undefined;
  #endedAt = Number.NEGATIVE_INFINITY;

  /** When the last outage ended; −Infinity where none has. */
  get endedAt(): number {
    return this.#endedAt;
  }

  noteCheck({ host, port, reachable, duration }: CheckResult, now: number): void {
    const check = `${host} ${port}`;
    if (reachable) {
      this.#failing.delete(check);
      this.#lastAnswerAt = now;
      this.#silentSince = undefined;
      if (this.#outage !== undefined) noteSign(this.#outage, now - duration);
    } else if (!this.#failing.has(check)) {
      this.#failing.add(check);
      // A check that failed although another one, started later, was answered says nothing about the time before that answer.
      this.#silentSince ??= Math.max(now - duration, this.#lastAnswerAt);
    }
  }

  noteLink({ interface: name, up }: LinkChange, now: number): void {
    if (this.#outage === undefined || name !== this.#outage.interface) return;
    if (up) noteSign(this.#outage, now);
    else this.#outage.signAt = undefined;
  }

  noteChange(change: NetworkChange, now: number): OutageBegin | OutageEnd | undefined {
    const { from, to, reason } = change;
    if (to !== 'down') return this.#end(reason, now);
    if (from !== 'down') return this.#begin(change, now);
    if (this.#outage !== undefined) noteReason(this.#outage, reason, now);
    return undefined;
  }

  #begin({ reason, interface: name }: NetworkChange, now: number): OutageBegin {
    const isPathGone = isPathReason(reason);
    this.#outage = { reason, startedAt: now, interface: isPathGone ? name : undefined, signAt: undefined };
    const detection = isPathGone || this.#silentSince === undefined ? undefined : now - this.#silentSince;
    return { kind: 'begin', reason, detection };
  }

  #end(reasonAfter: NetworkReason, now: number): OutageEnd | undefined {
    const outage = this.#outage;
    this.#outage = undefined;
    // A monitor that is stopped does not see how the outage ends.
    if (outage === undefined || reasonAfter === 'stopped') return undefined;
    this.#endedAt = now;
    const { reason, startedAt } = outage;
    return { kind: 'end', reason, duration: now - startedAt, recovery: recoveryOf(outage, reasonAfter, now) };
  }
}

/** The first one counts; and nothing that began before the outage can be a sign of its end. */
function noteSign(outage: Outage, at: number): void {
  outage.signAt ??= Math.max(at, outage.startedAt);
}

/** Down for another reason: the kernel has a path again, or has lost it again. */
function noteReason(outage: Outage, reason: NetworkReason, now: number): void {
  if (isPathReason(reason)) outage.signAt = undefined;
  else noteSign(outage, now);
}

/** Where there was no sign before, it was the kernel's word that ended the outage, or work that got through: of that nobody knows when it began to. */
function recoveryOf({ signAt }: Outage, reasonAfter: NetworkReason, now: number): number | undefined {
  if (signAt !== undefined) return now - signAt;
  return reasonAfter === 'checks-disagree' ? undefined : 0;
}
