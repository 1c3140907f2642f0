import { InvalidOptionError } from '../../errors/index.js';
import { arrayOf, numberFrom, type OptionRule } from '../../options/index.js';

/** Refuses what no formula can be computed with. @throws {InvalidOptionError} */
export function checkValue(name: string, value: unknown, rule: OptionRule): void {
  if (!rule.accepts(value)) throw new InvalidOptionError(name, value, rule.allowed);
}

/** A time that has a length. */
export const TIME = numberFrom(0, Number.MAX_VALUE, 'milliseconds');

/** What is known of packets, one by one. */
export const PACKET_TIMES: OptionRule = arrayOf(
  { allowed: '', accepts: (value) => value === null || value === undefined || TIME.accepts(value) },
  'a list of times in milliseconds, null and undefined',
);

/** A moment, since the epoch or by any other clock. */
export const MOMENT: OptionRule = { allowed: 'a number of milliseconds', accepts: Number.isFinite };

/** A rating or a score: anything but NaN, since every scale here has ends that the rest is held to. */
export const ANY_NUMBER: OptionRule = {
  allowed: 'a number',
  accepts: (value) => typeof value === 'number' && !Number.isNaN(value),
};
