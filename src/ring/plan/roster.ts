import { distinctMembers } from './members.js';
import { slotAt, type TimetableOptions, timetableSettings } from './timetable-options.js';

/** The members that one of them goes by through one slot. */
export interface Roster {
  /** The number of the slot, counted from the epoch. */
  readonly slot: number;
  /** Each once. */
  readonly members: readonly string[];
}

/**
 * The roster for a moment: that of before while its slot lasts, and the members known now as soon as another slot has begun. A member that took up
 * a new list in the middle of a slot could have a second partner in it.
 *
 * @param previous what this function returned last; undefined for the first time.
 * @param members those that are known now.
 * @param at milliseconds since the epoch, by the member's own clock.
 * @throws {InvalidOptionError}
 */
export function rosterAt(
  previous: Roster | undefined,
  members: readonly string[],
  at: number,
  options: TimetableOptions = {},
): Roster {
  const slot = slotAt('rosterAt', at, timetableSettings('rosterAt', options));
  return previous?.slot === slot ? previous : { slot, members: distinctMembers('rosterAt', members) };
}
