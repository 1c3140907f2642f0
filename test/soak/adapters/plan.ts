import { seededRandom } from '../seeded-random.js';

export const FAULT_KINDS = ['carrier', 'route', 'router', 'resolver', 'restart'] as const;

/**
 * What is done to a transfer.
 *
 * - `carrier`: the client's cable is pulled.
 * - `route`: the client's default route is removed.
 * - `router`: the router drops in silence what it should forward; all links stay up.
 * - `resolver`: nobody answers questions for names.
 * - `restart`: the server is stopped, which cuts its connections, and started again.
 */
export type FaultKind = (typeof FAULT_KINDS)[number];

/** One fault: when it comes, and how long it stays. */
export interface PlannedFault {
  readonly kind: FaultKind;
  /** It comes when so much of the content is safe, as a fraction, so that it falls into the transfer on a slow machine too … */
  readonly after: number;
  /** … and so many milliseconds more, since progress comes in steps. */
  readonly delay: number;
  /** Milliseconds. */
  readonly duration: number;
}

/**
 * The faults of one run: each kind once, in any order, at random moments. The same for the same seed and number. A transfer goes on while the
 * resolver is dead, so that the next fault may come on top of that, and the name be needed when nobody knows it.
 *
 * @param scale of the faults' durations; less than 1 for a short form.
 */
export function planRun(seed: number, run: number, scale = 1): readonly PlannedFault[] {
  const random = seededRandom(Math.imul(seed, 0x9e37_79b1) + run);
  const moments = FAULT_KINDS.map(() => FIRST + random() * (LAST - FIRST)).sort((a, b) => a - b);
  return shuffled(FAULT_KINDS, random).map((kind, index) => {
    const [shortest, longest] = DURATIONS[kind];
    return {
      kind,
      after: moments[index] ?? LAST,
      delay: random() * LONGEST_DELAY,
      duration: scale * (shortest + random() * (longest - shortest)),
    };
  });
}

/** As fractions of the content. Later than the last the transfer could be over before the fault comes. */
const FIRST = 0.03;
const LAST = 0.8;

/** Milliseconds. */
const LONGEST_DELAY = 400;

/** Milliseconds: from what is over before anybody may have noticed to what makes attempts hang. */
const DURATIONS: Readonly<Record<FaultKind, readonly [shortest: number, longest: number]>> = {
  carrier: [300, 8_000],
  route: [300, 8_000],
  router: [300, 8_000],
  resolver: [3_000, 10_000],
  restart: [200, 2_000],
};

/** Fisher and Yates. */
function shuffled<Item>(items: readonly Item[], random: () => number): readonly Item[] {
  const rest = [...items];
  return items.flatMap(() => rest.splice(Math.floor(random() * rest.length), 1));
}
