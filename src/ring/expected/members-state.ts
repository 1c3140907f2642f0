import type { Alert } from './alert.js';

/** What is remembered from one judgement to the next: plain JSON, so that it can be kept where the members are. Times are in milliseconds. */
export interface MembersState {
  /** Expected locations only, so that it grows with the file and not with what members say. */
  readonly locations: readonly LocationState[];
  /** The alerts that stand. */
  readonly raised: readonly Alert[];
}

/** What is remembered of a location. */
export interface LocationState {
  /** Its name. */
  readonly location: string;
  /**
   * Since when so many are missing: the first since when at least one is, the second since when at least two are, and so on. As many as are missing.
   */
  readonly missingSince: readonly number[];
  /** Since when any member has been there, gaps shorter than the grace period left out; absent where there is none, and once it is established. */
  readonly presentSince?: number | undefined;
  /** Since when such a gap lasts. */
  readonly absentSince?: number | undefined;
  /** Whether it was there for the establishment time once. */
  readonly isEstablished: boolean;
}

/** Nothing is known yet. */
export const INITIAL_MEMBERS_STATE: MembersState = { locations: [], raised: [] };

/**
 * Leaves a stretch of time out, as if it had not been: one in which whoever judges was offline itself, and could not know who was there.
 *
 * @param duration milliseconds.
 */
export function leaveOut(state: MembersState, duration: number): MembersState {
  const later = (time: number | undefined) => (time === undefined ? undefined : time + duration);
  const locations = state.locations.map((each) => ({
    ...each,
    missingSince: each.missingSince.map((since) => since + duration),
    presentSince: later(each.presentSince),
    absentSince: later(each.absentSince),
  }));
  return { ...state, locations };
}
