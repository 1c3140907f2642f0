import { checkSelf } from './members.js';
import { Table, type TimetablePair, type Turn } from './table.js';
import { slotAt, type TimetableOptions, timetableSettings } from './timetable-options.js';

/**
 * The tests of the slot that a moment lies in: no member is in two of them, and where the number of members is odd, one is in none.
 *
 * @param members ids, in any order; one that stands there twice counts once.
 * @param at milliseconds since the epoch.
 * @throws {InvalidOptionError}
 */
export function timetable(
  members: readonly string[],
  at: number,
  options: TimetableOptions = {},
): readonly TimetablePair[] {
  const settings = timetableSettings('timetable', options);
  const table = new Table('timetable', members, settings);
  return table.pairs(slotAt('timetable', at, settings));
}

/**
 * What a member has to do in the slot that a moment of its clock lies in.
 *
 * The source asks its partner, by a claim, within `from` and `until`; the partner answers by {@link mayTest}. Both go by the list that they had when the
 * slot began for them: see {@link rosterAt}.
 *
 * @returns undefined where it has a bye, or does not stand among the members.
 * @throws {InvalidOptionError}
 */
export function turnOf(
  self: string,
  members: readonly string[],
  at: number,
  options: TimetableOptions = {},
): Turn | undefined {
  checkSelf('turnOf', self);
  const settings = timetableSettings('turnOf', options);
  const slot = slotAt('turnOf', at, settings);
  return new Table('turnOf', members, settings).turn(self, slot);
}

/**
 * A member's next turn as source that has not begun, for those who want to sleep until then.
 *
 * @returns undefined where there is none: it is alone, or does not stand among the members.
 * @throws {InvalidOptionError}
 */
export function nextTurn(
  self: string,
  members: readonly string[],
  at: number,
  options: TimetableOptions = {},
): Turn | undefined {
  checkSelf('nextTurn', self);
  const settings = timetableSettings('nextTurn', options);
  const first = slotAt('nextTurn', at, settings);
  const table = new Table('nextTurn', members, settings);
  // The slot that has begun may be too late, and comes again after all the others.
  for (let slot = first; slot <= first + table.period; slot += 1) {
    const turn = table.turn(self, slot);
    if (turn?.role === 'source' && turn.from >= at) return turn;
  }
  return undefined;
}
