import { checkComplete, checkOptions, type OptionRules, wholeNumberFrom } from '../../options/index.js';
import { checkSelf, placeMembers, positionOf } from './members.js';
import { modulo } from './modulo.js';

/** How {@link ring} chooses. */
export interface RingOptions {
  /**
   * How many of those next on the ring are tested in every round.
   *
   * @default 2
   */
  readonly successors?: number | undefined;
  /** Which round it is, from 0 to 2⁵³−1. Members need not agree about it: each covers the others in its own rounds. */
  readonly round: number;
}

export const DEFAULT_SUCCESSORS = 2;

/**
 * Whom a member tests in one round: those next on a consistent-hash ring (Karger et al., STOC 1997) in every round, and each of the others in one
 * round of {@link roundsToCover}, in any row of so many.
 *
 * The next k: each member stands on the ring by the hash of its id ({@link positionOf}), and tests the k that follow; so each is tested by the k
 * before it. Whoever joins takes the place of one target of each of the k before it, and nobody else's next ones change.
 *
 * The others: with R = `roundsToCover` and c(x) the lower 32 bits of a member's position, a tests b in round r if c(b) − c(a) ≡ r (mod R). Nothing but
 * the two ids and R stand in that. So of two that are both there through R rounds each tests the other, whoever else comes and goes meanwhile; and
 * as R is a power of two, a new R only drops or adds every second one of these tests, and the largest R of the time is the bound. The price: how
 * many they are in one round is by chance. The mean is from k/2 to k; of 1,000 members with k = 2, the most that any has in any round, the next ones
 * included, is 9 in the median of 200 sets of ids, and 15 in the worst of them.
 *
 * @param members ids, in any order; one that stands there twice counts once.
 * @param self whether or not it stands among them.
 * @returns in the order of the ring from `self`: first those next on it.
 * @throws {InvalidOptionError}
 */
export function ring(members: readonly string[], self: string, options: RingOptions): readonly string[] {
  checkSelf('ring', self);
  checkOptions('ring', options, RULES);
  checkComplete('ring', { round: options.round }, { round: RULES.round });
  const { successors = DEFAULT_SUCCESSORS, round } = options;
  const placed = placeMembers('ring', [...members, self]);
  const at = placed.findIndex(({ id }) => id === self);
  const others = [...placed.slice(at + 1), ...placed.slice(0, at)];
  const rounds = roundsToCover(placed.length, successors);
  const due = modulo(classOf(positionOf(self)) + (round % rounds), rounds);
  return others
    .filter((other, index) => index < successors || modulo(classOf(other.position), rounds) === due)
    .map(({ id }) => id);
}

/**
 * In how many rounds every ordered pair is tested at least once: the smallest power of two R with R·k ≥ n−1−k, so that a round has on average at
 * most k tests more than the k that every round has. Below 2·(n−1−k)/k, and 1 where n ≤ 2k+1: so few are a mesh.
 *
 * @param members how many there are, n.
 * @param successors k.
 * @throws {InvalidOptionError}
 */
export function roundsToCover(members: number, successors: number = DEFAULT_SUCCESSORS): number {
  checkOptions('roundsToCover', { members, successors }, COVER_RULES);
  let rounds = 1;
  while (rounds * successors < members - 1 - successors) rounds *= 2;
  return rounds;
}

const RULES: OptionRules<RingOptions> = {
  successors: wholeNumberFrom(1, 1_000_000),
  round: wholeNumberFrom(0, Number.MAX_SAFE_INTEGER),
};

const COVER_RULES = { members: wholeNumberFrom(0, 1_000_000), successors: RULES.successors };

/** The lower half of a position: the upper half says where on the ring it is, and the two have nothing to do with each other. */
function classOf(position: string): number {
  return Number.parseInt(position.slice(-8), 16);
}
