import { InvalidArgumentError } from 'commander';
import { DURATION_UNITS, readDuration } from '../../options/index.js';

/**
 * Reads a duration such as `500ms`, `1.5s` or `2m` as milliseconds. The unit is not optional: the library counts in milliseconds and most
 * commands in seconds, and a guess would be wrong by a thousand.
 *
 * @throws {InvalidArgumentError}
 */
export function parseDuration(text: string): number {
  const duration = readDuration(text);
  if (duration === undefined) {
    throw new InvalidArgumentError('Give a number and a unit (ms, s, m, h, d): 500ms, 30s, 5m.');
  }
  return duration;
}

/**
 * The same, or `never`, which is Infinity.
 *
 * @throws {InvalidArgumentError}
 */
export function parseDurationOrNever(text: string): number {
  return text === 'never' ? Number.POSITIVE_INFINITY : parseDuration(text);
}

/** A duration in milliseconds as the two above read it: `50ms`, `1.5s`, `never`. */
export function writeDuration(duration: number): string {
  if (duration === 0) return '0';
  if (duration === Number.POSITIVE_INFINITY) return 'never';
  const fitting = [...DURATION_UNITS].filter(
    ([, length]) => duration >= length && Number.isInteger((duration / length) * 10),
  );
  const [unit, length] = fitting.at(-1) ?? ['ms', 1];
  return `${duration / length}${unit}`;
}
