import { InvalidOptionError } from '../../errors/index.js';

/** A stretch of time, from the first moment to the one after the last: milliseconds since the epoch, or of any other clock. */
export interface Stretch {
  /** The first moment. */
  readonly from: number;
  /** The moment after the last. */
  readonly until: number;
}

/** When a target was down. */
export interface Outage {
  /** When it began. */
  readonly from: number;
  /** When it was over; absent while it is not. */
  readonly until?: number | undefined;
}

/** What `availability` reckons with. */
export interface AvailabilityInput {
  /** What was observed as a whole. */
  readonly window: Stretch;
  /** When the target was down. One that is not over yet has no `until`. Overlapping ones are one. */
  readonly outages: readonly Outage[];
  /** When nothing could be told of it, because this host was offline or did not ask. Counts neither as up nor as down. @default none */
  readonly unknown?: readonly Stretch[] | undefined;
}

/** How available something was. Times are in milliseconds. */
export interface Availability {
  /** For how long its state was known. */
  readonly observed: number;
  /** For how long it was up. */
  readonly uptime: number;
  /** For how long it was down. */
  readonly downtime: number;
  /** For how long nothing was known of it. */
  readonly unknown: number;
  /** uptime/observed, 0 to 1: the mean of the instantaneous availability over the time observed (IEC 60050-192, 192-08-05). Absent where nothing was observed. */
  readonly availability?: number;
  /** How many outages began after the first moment of which something is known. */
  readonly failures: number;
  /** How many outages were seen from beginning to end, with nothing unknown within or next to them. */
  readonly restorations: number;
  /** Mean operating time between failures: uptime/failures (192-05-13). Absent where nothing failed. */
  readonly mtbf?: number;
  /** Mean time to restoration: the mean length of the outages that were seen from beginning to end (192-07-23). Absent where there was none. */
  readonly mttr?: number;
}

/**
 * Availability, MTBF and MTTR of what was really seen, in the terms of IEC 60050-192:2015 (ITU-T E.800 (2008) defines availability alike).
 *
 * An outage that had begun before the window is no failure of it; one that is not over, or whose beginning or end nobody saw, has no length that
 * could enter the mean. Both count as downtime, as far as they were seen. What was down when it was first known of is no failure either, and an
 * outage of which nothing was seen counts for nothing.
 *
 * @throws {InvalidOptionError} where a stretch ends before it begins, or is none of numbers.
 */
export function availability({ window, outages, unknown = [] }: AvailabilityInput): Availability {
  checkStretch('window', window);
  for (const each of unknown) checkStretch('unknown', each);
  const gaps = merge(unknown.map((each) => clip(each, window)).filter(isSome));
  const closed = outages.map(({ from, until = Number.POSITIVE_INFINITY }) => ({ from, until }));
  for (const each of closed) checkStretch('outages', each);
  const unseen = total(gaps);
  // Before anything is known, what is down may have failed long ago.
  const [first] = gaps;
  const begin = first !== undefined && first.from === window.from ? first.until : window.from;
  const sums = { downtime: 0, failures: 0, restorations: 0, restoring: 0 };
  for (const outage of merge(closed)) {
    const near = nearTo(outage, gaps);
    const isOutside = outage.from >= window.until || outage.until <= window.from;
    if (isOutside || near.some((gap) => gap.from <= outage.from && gap.until >= outage.until)) continue;
    sums.downtime += lengthOf(clip(outage, window)) - total(near.map((gap) => clip(gap, outage)));
    if (outage.from > begin) sums.failures += 1;
    if (outage.from <= begin || outage.until > window.until || near.length > 0) continue;
    sums.restorations += 1;
    sums.restoring += lengthOf(outage);
  }
  return summary({ ...sums, observed: lengthOf(window) - unseen, unknown: unseen });
}

/** The sums that everything else follows from. */
export interface AvailabilitySums {
  readonly observed: number;
  readonly downtime: number;
  readonly unknown: number;
  readonly failures: number;
  readonly restorations: number;
  /** The length of all outages that were seen from beginning to end. */
  readonly restoring: number;
}

export function summary({
  observed,
  downtime,
  unknown,
  failures,
  restorations,
  restoring,
}: AvailabilitySums): Availability {
  const uptime = observed - downtime;
  return {
    observed,
    uptime,
    downtime,
    unknown,
    ...(observed > 0 && { availability: uptime / observed }),
    failures,
    restorations,
    ...(failures > 0 && { mtbf: uptime / failures }),
    ...(restorations > 0 && { mttr: restoring / restorations }),
  };
}

function checkStretch(name: string, stretch: Stretch): void {
  const { from, until } = stretch;
  if (Number.isFinite(from) && (Number.isFinite(until) || name === 'outages') && until >= from) return;
  throw new InvalidOptionError(`availability: ${name}`, stretch, 'stretches of time that begin before they end');
}

function clip({ from, until }: Stretch, window: Stretch): Stretch {
  return { from: Math.max(from, window.from), until: Math.min(until, window.until) };
}

function isSome({ from, until }: Stretch): boolean {
  return until > from;
}

/** Stretches in order, those that overlap or touch as one. */
function merge(stretches: readonly Stretch[]): readonly Stretch[] {
  const merged: Stretch[] = [];
  for (const each of [...stretches].sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last === undefined || each.from > last.until) merged.push(each);
    else merged[merged.length - 1] = { from: last.from, until: Math.max(last.until, each.until) };
  }
  return merged;
}

function total(stretches: readonly Stretch[]): number {
  return stretches.reduce((sum, each) => sum + lengthOf(each), 0);
}

function lengthOf({ from, until }: Stretch): number {
  return until - from;
}

/** Those of many, which are in order and apart, that overlap one or touch it. */
function nearTo({ from, until }: Stretch, many: readonly Stretch[]): readonly Stretch[] {
  let [low, high] = [0, many.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const each = many[middle];
    if (each !== undefined && each.until < from) low = middle + 1;
    else high = middle;
  }
  const near: Stretch[] = [];
  for (let at = low; at < many.length; at += 1) {
    const each = many[at];
    if (each === undefined || each.from > until) break;
    near.push(each);
  }
  return near;
}
