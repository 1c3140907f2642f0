import type { Verdict } from '../../../ring/index.js';
import type { RingView, SeenOutage } from './ring-view.js';

/** An ordered pair of members. */
export type Pair = readonly [source: string, target: string];

/** Every ordered pair of these members. */
export function pairsOf(sites: readonly string[]): readonly Pair[] {
  return sites.flatMap((source) => sites.filter((site) => site !== source).map((target): Pair => [source, target]));
}

/** Whether the registry has heard of a member lately. */
export function isHeard({ at, members }: RingView, site: string, silence: number): boolean {
  const member = members.find(({ id }) => id === site);
  return member !== undefined && at - member.lastSeen <= silence;
}

/**
 * What the ring says of a pair: failed where any check says so. Where nothing is heard of a member, what it said last does not hold any more, and
 * nothing can be said of what it sees.
 */
export function verdictOn(view: RingView, [source, target]: Pair, silence: number): Verdict {
  if (!isHeard(view, source, silence)) return 'inconclusive';
  const said = view.checks.filter((check) => check.source === source && check.target === target);
  if (said.some(({ verdict }) => verdict === 'failed')) return 'failed';
  return said.some(({ verdict }) => verdict === 'ok') ? 'ok' : 'inconclusive';
}

/** Whether every member reaches every other. */
export function isAllWell(view: RingView, sites: readonly string[], silence: number): boolean {
  return pairsOf(sites).every((pair) => verdictOn(view, pair, silence) === 'ok');
}

/** Whether all others say that they cannot reach a member. */
export function isUnreachable(view: RingView, site: string, sites: readonly string[], silence: number): boolean {
  return sites.every((other) => other === site || verdictOn(view, [other, site], silence) === 'failed');
}

/** The pairs that are said to be broken although none of the two was cut off, or by the one that was. Nobody should ever say so. */
export function wronglyBlamed(view: RingView, cutOff: string, sites: readonly string[]): readonly Pair[] {
  return pairsOf(sites).filter(
    ([source, target]) =>
      target !== cutOff &&
      view.checks.some((check) => check.source === source && check.target === target && check.verdict === 'failed'),
  );
}

/** The outage that a member has told of, which began at that time or later and is over. */
export function toldOutage({ outages }: RingView, site: string, since: number): SeenOutage | undefined {
  return outages.find(({ id, from, until }) => id === site && from >= since && until !== undefined);
}
