/**
 * Reads a duration such as `500ms`, `1.5s` or `2m` as milliseconds. The unit is not optional: programs count in milliseconds and people in
 * seconds, and a guess would be wrong by a thousand.
 *
 * @returns undefined where the text is none.
 */
export function readDuration(text: string): number | undefined {
  if (text === '0') return 0;
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)([a-z]+)$/.exec(text) ?? [];
  const length = DURATION_UNITS.get(unit);
  return length === undefined ? undefined : Number(digits) * length;
}

/** The units of durations, with their lengths in milliseconds. */
export const DURATION_UNITS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);
