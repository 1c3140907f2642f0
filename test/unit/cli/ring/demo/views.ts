import { pairsOf } from '../../../../../src/cli/ring/demo/diagnosis.js';
import type { RingView, SeenCheck } from '../../../../../src/cli/ring/demo/ring-view.js';
import type { Verdict } from '../../../../../src/ring/index.js';

export const SITES = ['aden', 'bonn', 'cork'];

/** What a ring says in which everything is well but what is given, as `{ 'aden bonn': 'failed' }`. */
export function viewOf(
  at: number,
  verdicts: Readonly<Record<string, Verdict>> = {},
  rest: Partial<Pick<RingView, 'outages' | 'members'>> = {},
): RingView {
  return {
    at,
    members: SITES.map((id) => ({ id, lastSeen: at })),
    checks: pairsOf(SITES).map(
      ([source, target]): SeenCheck => ({ source, target, verdict: verdicts[`${source} ${target}`] ?? 'ok' }),
    ),
    outages: [],
    ...rest,
  };
}

/** The same, where nobody reaches one member and nothing is heard of it. */
export function cutOffView(at: number, site: string, lastSeen: number): RingView {
  const others = SITES.filter((each) => each !== site);
  return viewOf(at, Object.fromEntries(others.map((other) => [`${other} ${site}`, 'failed'] as const)), {
    members: SITES.map((id) => ({ id, lastSeen: id === site ? lastSeen : at })),
  });
}
