import { hash } from 'node:crypto';
import { InvalidOptionError } from '../../errors/index.js';

/** A member with its place on the ring. */
export interface PlacedMember {
  readonly id: string;
  /** As {@link positionOf} tells it. */
  readonly position: string;
}

/**
 * Where a member stands on the ring: the first 8 bytes of the SHA-256 (FIPS 180-4) of its id in UTF-8, as 16 hexadecimal digits. It depends on the
 * id alone, so that every process and every version places a member alike.
 */
export function positionOf(id: string): string {
  return hash('sha256', id, 'hex').slice(0, POSITION_DIGITS);
}

/**
 * Every member once, in the order of the ring. Members on the same place, such as ids of unpaired surrogates, which UTF-8 cannot tell apart, stand
 * in the order of their UTF-16 code units.
 *
 * @throws {InvalidOptionError} where the members are anything but strings.
 */
export function placeMembers(owner: string, members: readonly string[]): readonly PlacedMember[] {
  return distinctMembers(owner, members)
    .map((id) => ({ id, position: positionOf(id) }))
    .sort(compare);
}

/** @throws {InvalidOptionError} where the members are anything but strings. */
export function distinctMembers(owner: string, members: readonly string[]): readonly string[] {
  if (!Array.isArray(members) || !members.every((id) => typeof id === 'string')) {
    throw new InvalidOptionError(`${owner}: members`, members, 'an array of strings');
  }
  return [...new Set(members)];
}

/** @throws {InvalidOptionError} */
export function checkSelf(owner: string, self: string): void {
  if (typeof self !== 'string') throw new InvalidOptionError(`${owner}: self`, self, 'a string');
}

const POSITION_DIGITS = 16;

function compare(a: PlacedMember, b: PlacedMember): number {
  if (a.position !== b.position) return a.position < b.position ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}
