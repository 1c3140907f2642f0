/** Milliseconds. */
const SHORTEST = 500;
const LONGEST = 15_000;

/**
 * How long to wait before connecting again: doubled with each failure, up to 15 s, and by chance up to a half shorter, so that many pages do not all
 * come at once.
 *
 * @param failures in a row, from 1.
 * @param chance 0 to 1.
 */
export function reconnectDelay(failures: number, chance: number): number {
  return Math.min(LONGEST, SHORTEST * 2 ** (failures - 1)) * (1 - chance / 2);
}
