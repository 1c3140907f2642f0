import { InvalidArgumentError } from 'commander';

/**
 * Reads a number; whether it is within bounds is the library's to say.
 *
 * @throws {InvalidArgumentError}
 */
export function parseNumber(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError('Give a number.');
  return Number(text);
}

/**
 * The same, or `forever`, which is Infinity.
 *
 * @throws {InvalidArgumentError}
 */
export function parseCount(text: string): number {
  return text === 'forever' ? Number.POSITIVE_INFINITY : parseNumber(text);
}
