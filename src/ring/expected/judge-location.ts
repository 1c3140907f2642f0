import type { Criticality, ExpectedLocation } from './expected-members.js';
import type { LocationState } from './members-state.js';

/** `unexpected_location` is one that has members, and of which the file says nothing. */
export type LocationStatus = 'healthy' | 'missing_members' | 'extra_members' | 'unexpected_location';

/** What a location comes to. Times are in milliseconds. */
export interface LocationVerdict {
  /** Its name. */
  readonly location: string;
  /** Whether those are there who are expected. */
  readonly status: LocationStatus;
  /** `unknown` for an unexpected location. */
  readonly criticality: Criticality | 'unknown';
  /** How many members belong there. */
  readonly expected: number;
  /** How many are there. */
  readonly actual: number;
  /** max(0, expected − actual). */
  readonly missing: number;
  /** How many of them have been missing for the grace period or longer: only these raise alerts. */
  readonly overdue: number;
  /** Since when any is missing; absent where none is. */
  readonly missingSince?: number;
  /** Whether it was there for the establishment time once: only then alerts are raised. An unexpected location never is. */
  readonly isEstablished: boolean;
  /** 0 for an unexpected location. */
  readonly gracePeriod: number;
  /** For people; its name where nobody described it. */
  readonly description: string;
  /** The ids of those who are there. */
  readonly members: readonly string[];
}

export interface LocationJudgement {
  readonly verdict: LocationVerdict;
  readonly state: LocationState;
}

/**
 * Judges one location that is expected.
 *
 * What is missing is counted by depth: `missingSince[i]` is since when more than i are missing. When another goes, a depth is added; when one comes
 * back, the newest is dropped, whoever it was. Overdue are the depths that have lasted for the grace period: so "two are missing" has a grace period
 * of its own, which begins when the second goes.
 */
export function judgeLocation(
  expected: ExpectedLocation,
  members: readonly string[],
  before: LocationState | undefined,
  establishmentTime: number,
  now: number,
): LocationJudgement {
  const { location, count, criticality, gracePeriod, description } = expected;
  const actual = members.length;
  const missing = Math.max(0, count - actual);
  const known = (before?.missingSince ?? []).slice(0, missing).map((since) => Math.min(since, now));
  const missingSince = [...known, ...Array.from({ length: missing - known.length }, () => now)];
  const presence = presenceOf(expected, actual, before, establishmentTime, now);
  const [first] = missingSince;
  const verdict: LocationVerdict = {
    location,
    status: missing > 0 ? 'missing_members' : actual > count ? 'extra_members' : 'healthy',
    criticality,
    expected: count,
    actual,
    missing,
    overdue: missingSince.filter((since) => now - since >= gracePeriod).length,
    ...(first !== undefined && { missingSince: first }),
    isEstablished: presence.isEstablished,
    gracePeriod,
    description,
    members,
  };
  return { verdict, state: { location, missingSince, ...presence } };
}

/** A location that nobody expects. */
export function unexpectedLocation(location: string, members: readonly string[]): LocationVerdict {
  return {
    location,
    status: 'unexpected_location',
    criticality: 'unknown',
    expected: 0,
    actual: members.length,
    missing: 0,
    overdue: 0,
    isEstablished: false,
    gracePeriod: 0,
    description: location,
    members,
  };
}

type Presence = Pick<LocationState, 'presentSince' | 'absentSince' | 'isEstablished'>;

/** A location is there while any member is, and through gaps that are shorter than the grace period. */
function presenceOf(
  { gracePeriod }: ExpectedLocation,
  actual: number,
  before: LocationState | undefined,
  establishmentTime: number,
  now: number,
): Presence {
  if (before?.isEstablished === true || establishmentTime === 0) return { isEstablished: true };
  const absentSince = Math.min(before?.absentSince ?? now, now);
  const goesOn = before?.absentSince === undefined || now - absentSince < gracePeriod;
  const since = goesOn ? before?.presentSince : undefined;
  if (actual === 0) {
    return { ...(since !== undefined && { presentSince: since, absentSince }), isEstablished: false };
  }
  const presentSince = Math.min(since ?? now, now);
  return now - presentSince >= establishmentTime ? { isEstablished: true } : { presentSince, isEstablished: false };
}
