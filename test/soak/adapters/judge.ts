import type { FailedAttempt, TransferEnd } from './contract.js';
import type { FaultKind } from './plan.js';

/** A fault as it was: nanoseconds of CLOCK_MONOTONIC. */
export interface Fault {
  readonly kind: FaultKind;
  readonly from: bigint;
  readonly to: bigint;
}

/** Bytes of the content on the wire, at a moment. */
export interface Moved {
  readonly at: bigint;
  readonly offset: number;
  readonly bytes: number;
}

export interface Failed extends FailedAttempt {
  readonly at: bigint;
}

/** Everything that was seen of one transfer. */
export interface Observation {
  /** Those that came. */
  readonly faults: readonly Fault[];
  /** How many should have come. */
  readonly planned: number;
  readonly moved: readonly Moved[];
  readonly failed: readonly Failed[];
  readonly end: TransferEnd;
  /** Bytes that have come in at the receiving end by the kernel's count, without the headers of TCP and below. */
  readonly received: number;
  /** Whether the content is the same at both ends. */
  readonly sha256Equal: boolean;
  readonly leftovers: readonly string[];
  /** Milliseconds. */
  readonly duration: number;
}

export interface Verdict {
  /** Ended well, and went through all of its faults: one that was over before proves nothing. */
  readonly completed: boolean;
  readonly sha256Equal: boolean;
  /** Attempts that were spent on something that was no restart of the server. */
  readonly attemptsSpentOnOutages: number;
  readonly attemptsSpentOnRestarts: number;
  /** By one fault: the most. */
  readonly maxBytesSentAgain: number;
  /** Whether more went over the wire than the client told of. */
  readonly understated: boolean;
  readonly leftovers: readonly string[];
}

export function judge({ end, sha256Equal, leftovers, faults, planned, failed, moved, received }: Observation): Verdict {
  const spentOn = failed.filter(({ spent }) => spent).map(({ at }) => faultBefore(faults, at)?.kind);
  return {
    completed: end.ok && faults.length === planned,
    sha256Equal,
    attemptsSpentOnOutages: spentOn.filter((kind) => kind !== 'restart').length,
    attemptsSpentOnRestarts: spentOn.filter((kind) => kind === 'restart').length,
    maxBytesSentAgain: Math.max(0, ...sentAgain(moved, faults)),
    understated: received > moved.reduce((sum, { bytes }) => sum + bytes, 0) * FRAMING + BESIDE,
    leftovers,
  };
}

/** What a protocol such as SSH or HTTP puts around the content, and what TCP sends again by itself. */
const FRAMING = 1.02;
/** Bytes: handshakes, questions, checks. */
const BESIDE = 512 * 1024;

/** The line that the soak ends with. */
export interface Summary {
  readonly adapter: string;
  readonly runs: number;
  readonly completed: number;
  readonly sha256Equal: number;
  readonly attemptsSpentOnOutages: number;
  readonly maxBytesSentAgain: number;
  readonly leftovers: number;
  readonly bare: { readonly completed: number };
}

export function summarize(adapter: string, netpause: readonly Verdict[], bare: readonly Verdict[]): Summary {
  const count = (verdicts: readonly Verdict[], holds: (verdict: Verdict) => boolean): number =>
    verdicts.filter(holds).length;
  const sum = (of: (verdict: Verdict) => number): number => netpause.reduce((total, verdict) => total + of(verdict), 0);
  return {
    adapter,
    runs: netpause.length,
    completed: count(netpause, ({ completed }) => completed),
    sha256Equal: count(netpause, ({ sha256Equal }) => sha256Equal),
    attemptsSpentOnOutages: sum(({ attemptsSpentOnOutages }) => attemptsSpentOnOutages),
    maxBytesSentAgain: Math.max(0, ...netpause.map(({ maxBytesSentAgain }) => maxBytesSentAgain)),
    leftovers: sum(({ leftovers }) => leftovers.length),
    // A transfer that ends well with other content has not done what was asked.
    bare: { completed: count(bare, ({ completed, sha256Equal }) => completed && sha256Equal) },
  };
}

/** Whether a transfer through an adapter did what the adapters promise. */
export function isAsPromised(verdict: Verdict): boolean {
  const { completed, sha256Equal, attemptsSpentOnOutages, leftovers, understated } = verdict;
  return completed && sha256Equal && attemptsSpentOnOutages === 0 && leftovers.length === 0 && !understated;
}

/** What an attempt failed of: the last fault that had begun by then. Undefined where there had been none. */
function faultBefore(faults: readonly Fault[], at: bigint): Fault | undefined {
  return faults.findLast(({ from }) => from <= at);
}

/** How many bytes were on the wire that had been there before, by the fault that they came after; the first number is for "before any". */
function sentAgain(moved: readonly Moved[], faults: readonly Fault[]): readonly number[] {
  const sent = new Coverage();
  const again = [0, ...faults.map(() => 0)];
  for (const { at, offset, bytes } of moved) {
    const index = faults.findLastIndex(({ from }) => from <= at) + 1;
    again[index] = (again[index] ?? 0) + bytes - sent.add(offset, offset + bytes);
  }
  return again;
}

/** Which parts of the content have been on the wire: intervals in order, with gaps between them. */
class Coverage {
  #intervals: readonly (readonly [from: number, to: number])[] = [];

  /** @returns how many of these bytes are new. */
  add(from: number, to: number): number {
    const touching = this.#intervals.filter(([start, end]) => start <= to && end >= from);
    const known = touching.reduce((sum, [start, end]) => sum + Math.min(end, to) - Math.max(start, from), 0);
    const merged = [
      Math.min(from, ...touching.map(([start]) => start)),
      Math.max(to, ...touching.map(([, end]) => end)),
    ] as const;
    const apart = this.#intervals.filter((interval) => !touching.includes(interval));
    this.#intervals = [...apart, merged].sort(([a], [b]) => a - b);
    return to - from - known;
  }
}
