import { checkSelf } from './members.js';
import { Table } from './table.js';
import { slotAt, type TimetableOptions, timetableSettings } from './timetable-options.js';

/** What a source says to its target when it asks for a test. */
export interface TestClaim {
  /** The id of who asks. That it is the one that it says it is, is for others to verify. */
  readonly source: string;
  /** Of its timetable, as `turnOf` told it. */
  readonly version: string;
  /** The time by its clock when it asked, in milliseconds since the epoch. */
  readonly at: number;
}

/** Why a claim is refused. */
export type ClaimRefusal =
  /** The clocks of the two differ by more than is tolerated. */
  | 'clock'
  /** It asked in the guard before or after a slot. */
  | 'guard'
  /** It goes by another list of members, or other options. */
  | 'version'
  /** The target has another partner in this slot, is the source itself, or has a bye. */
  | 'pair';

/** What a target answers to a claim. */
export type ClaimVerdict =
  | {
      /** It may test. */
      readonly isAllowed: true;
      /** When the target ends the test by its own clock, whatever the source does: the end of the slot. */
      readonly until: number;
    }
  | {
      /** It may not. */
      readonly isAllowed: false;
      /** Why it may not. */
      readonly reason: ClaimRefusal;
    };

/**
 * Whether a target lets a source test, by the target's own list and clock alone.
 *
 * With it no member is in two tests at once, whatever lists and clocks the members have. For each member, by its own clock: (1) a list gives it at
 * most one partner in a slot, and one role; (2) it keeps to one list through a slot (`rosterAt`); (3) as source it has one test in a slot, asks again
 * only if it was refused, and is done before the slot ends; (4) as target it begins after the slot has begun, since it judges by its own clock, and
 * ends by `until`. So there is at most one test in each of its slots, and each test lies within one. Nothing in this needs the clocks to agree, or
 * the lists.
 *
 * What needs them to agree is that a test takes place at all: both must be in the same slot, with the same partners. By the source's clock it asks
 * within [sS + G, (s+1)S − G) and is done by the end of that, with slots of length S and a guard G of `clockTolerance`; a clock that differs by at most
 * G shows [sS, (s+1)S), so the target is in slot s all the time, and cuts nothing off.
 *
 * What remains is a clock that is set while a test runs, so that the slot is another before its end, and a source that does not keep to its rules.
 * Against that the target has the lease of its bandwidth server, which gives out one at a time for each interface, and the turn that its process
 * takes for its own tests over that interface, which is the same.
 *
 * @param self the target.
 * @param members those that the target goes by in this slot.
 * @param at the target's own time, in milliseconds since the epoch.
 * @throws {InvalidOptionError} for what the target itself gives; never for what stands in the claim.
 */
export function mayTest(
  self: string,
  claim: TestClaim,
  members: readonly string[],
  at: number,
  options: TimetableOptions = {},
): ClaimVerdict {
  checkSelf('mayTest', self);
  const settings = timetableSettings('mayTest', options);
  const slot = slotAt('mayTest', at, settings);
  // Written so that NaN, which compares with nothing, is refused.
  if (!(Math.abs(claim.at - at) <= settings.clockTolerance)) return refuse('clock');
  const begin = slot * settings.slot;
  const end = begin + settings.slot;
  const isInTurn = claim.at >= begin + settings.clockTolerance && claim.at < end - settings.clockTolerance;
  if (!isInTurn) return refuse('guard');
  const table = new Table('mayTest', members, settings);
  if (table.version !== claim.version) return refuse('version');
  const turn = table.turn(self, slot);
  if (turn?.role !== 'target' || turn.partner !== claim.source) return refuse('pair');
  return { isAllowed: true, until: end };
}

function refuse(reason: ClaimRefusal): ClaimVerdict {
  return { isAllowed: false, reason };
}
