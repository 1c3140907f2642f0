import type { MemberRecord } from '../../../ring/wire/index.js';

/** Gives the node of a topology for which another stands; others are themselves. */
export type NodeOf = (id: string) => string;

/**
 * The last one who answers a trace is the target itself, by its address: that is no router on the way, but the site. An address that is of several
 * sites, behind a translator say, stays a router.
 */
export function siteAddresses(members: Iterable<Pick<MemberRecord, 'ip' | 'location'>>): NodeOf {
  const sites = new Map<string, string | undefined>();
  for (const { ip, location } of members) {
    const id = `router_${ip}`;
    sites.set(id, sites.has(id) && sites.get(id) !== location ? undefined : location);
  }
  return (id) => sites.get(id) ?? id;
}
