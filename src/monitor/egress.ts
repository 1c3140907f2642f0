import type { NetworkReason } from '../state/index.js';
import { isLinkUp, type KernelView } from './kernel-view.js';
import type { Egress, PathFacts, PathVerdict } from './path.js';

/** Why connections that were made on an egress cannot be carried any more; undefined while they can. */
export function lossOf(egress: Egress, facts: PathFacts): NetworkReason | undefined {
  const link = facts.links().get(egress.ifIndex);
  if (link === undefined || !link.adminUp) return 'link-down';
  if (!isLinkUp(link)) return 'no-carrier';
  if (egress.source === undefined || link.loopback) return undefined;
  for (const { address, usable } of facts.addresses()) {
    if (usable && address === egress.source) return undefined;
  }
  return 'no-address';
}

/**
 * The egress of work whose destination is not known: that of a path, but only where the host has no second way out that the work might have
 * taken instead.
 */
export function soleEgress(path: PathVerdict, facts: PathFacts): Egress | undefined {
  if (path.kind !== 'open') return undefined;
  const ways = [...facts.links().values()].filter((link) => !link.loopback && link.kind !== 'bridge' && isLinkUp(link));
  return ways.length === 1 ? path.egress : undefined;
}

/** The kernel's view of a moment in which some links had no carrier. */
export function withoutCarrier(view: KernelView, indexes: readonly number[]): PathFacts {
  const links = new Map(view.links());
  for (const index of indexes) {
    const link = links.get(index);
    if (link !== undefined) links.set(index, { ...link, carrier: false, operState: 'down' });
  }
  return {
    links: () => links,
    addresses: () => view.addresses(),
    lookup: (destination, traits) => view.lookup(destination, traits),
  };
}
