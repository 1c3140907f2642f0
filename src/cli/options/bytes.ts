import { InvalidArgumentError } from 'commander';

/**
 * Reads a number of bytes such as `256MB` or `1GiB`. The unit is not optional: a thousand is easily forgotten.
 *
 * @throws {InvalidArgumentError}
 */
export function parseBytes(text: string): number {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?) ?([a-z]+)$/i.exec(text) ?? [];
  const length = UNITS.get(unit.toLowerCase());
  if (length === undefined) throw new InvalidArgumentError('Give a number and a unit (B, kB, MB, GB, KiB, MiB, GiB).');
  return Math.round(Number(digits) * length);
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ['b', 1],
  ['kb', 1e3],
  ['mb', 1e6],
  ['gb', 1e9],
  ['kib', 2 ** 10],
  ['mib', 2 ** 20],
  ['gib', 2 ** 30],
]);
