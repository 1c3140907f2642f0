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

/**
 * Reads the mark of a socket, which `ip rule` and nft write as `0x…`.
 *
 * @throws {InvalidArgumentError}
 */
export function parseMark(text: string): number {
  if (!/^(\d+|0x[\da-f]+)$/i.test(text)) throw new InvalidArgumentError('Give a whole number: 42 or 0x2a.');
  return Number(text);
}
