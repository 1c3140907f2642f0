import { InvalidOptionError } from '../../errors/index.js';
import { checkOptions, LONGEST_TIMER, milliseconds, type OptionRules, wholeNumberFrom } from '../../options/index.js';

/** The same for all members: whoever has others is refused, as the version of the timetable tells. */
export interface TimetableOptions {
  /**
   * Milliseconds that one slot lasts, both guards included: see `clockTolerance`.
   *
   * @default 30_000
   */
  readonly slot?: number | undefined;
  /**
   * By how many milliseconds the clocks of two members may differ, together with the time that a claim travels. It is also the guard: nothing is
   * begun so long after the begin of a slot or before its end, by the source's clock. Less than half a slot.
   *
   * @default 2_000
   */
  readonly clockTolerance?: number | undefined;
}

/** The options with their defaults. */
export interface TimetableSettings {
  readonly slot: number;
  readonly clockTolerance: number;
}

/** @throws {InvalidOptionError} */
export function timetableSettings(owner: string, options: TimetableOptions): TimetableSettings {
  checkOptions(owner, options, RULES);
  const { slot = 30_000, clockTolerance = 2_000 } = options;
  if (2 * clockTolerance >= slot) {
    throw new InvalidOptionError(
      `${owner}: clockTolerance`,
      clockTolerance,
      `less than half of the slot of ${slot} ms`,
    );
  }
  return { slot, clockTolerance };
}

/**
 * The number of the slot that a moment lies in, counted from the epoch.
 *
 * @throws {InvalidOptionError}
 */
export function slotAt(owner: string, at: number, { slot }: TimetableSettings): number {
  if (!Number.isFinite(at))
    throw new InvalidOptionError(`${owner}: at`, at, 'a number of milliseconds since the epoch');
  return Math.floor(at / slot);
}

const RULES: OptionRules<TimetableOptions> = {
  slot: wholeNumberFrom(100, LONGEST_TIMER),
  clockTolerance: milliseconds(0),
};
