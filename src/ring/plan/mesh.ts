import { checkSelf, distinctMembers } from './members.js';

/**
 * Everyone else, in the order of the list: n−1 tests for each of n members, n·(n−1) in every round.
 *
 * @param members ids; one that stands there twice counts once.
 * @param self whether or not it stands among them.
 * @throws {InvalidOptionError}
 */
export function mesh(members: readonly string[], self: string): readonly string[] {
  checkSelf('mesh', self);
  return distinctMembers('mesh', members).filter((id) => id !== self);
}
