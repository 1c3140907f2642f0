import { type Ip, parseIp } from '../netlink/index.js';
import { type AddressFacts, isLinkUp, type LinkFacts, type RouteLookup, type SocketTraits } from './kernel-view.js';
import type { ProcRoute } from './proc-net.js';

/** An address with what the choice of a source needs. */
export interface ProcAddress extends AddressFacts {
  readonly prefixLength: number;
  /** Such as `'global'` or `'link'`, where it is told. */
  readonly scope: string | undefined;
  /** Without a lifetime, and so likely to stay. */
  readonly permanent: boolean;
}

/** What a look-up is made in. */
export interface RoutingFacts {
  readonly links: ReadonlyMap<number, LinkFacts>;
  readonly addresses: readonly ProcAddress[];
  /** Undefined where they are not known: unreadable, too many, or not all that decides. */
  readonly routes4: readonly ProcRoute[] | undefined;
  readonly routes6: readonly ProcRoute[] | undefined;
  /** Names of links without carrier whose IPv4 routes the kernel passes over (sysctl `ignore_routes_with_linkdown`). */
  readonly passedOver: ReadonlySet<string>;
}

/**
 * Answers as the kernel would, as far as /proc tells: the longest prefix, then the lowest metric. Where it does not tell, the answer is none:
 * a look-up that is refused in error would pause work for nothing.
 */
export function lookUpRoute(facts: RoutingFacts, destination: string, traits: SocketTraits = {}): RouteLookup {
  const ip = parseIp(destination);
  if (ip === undefined) return UNANSWERED;
  if (isOwn(facts, destination)) return toSelf(facts, destination);
  const routes = ip.family === 4 ? facts.routes4 : facts.routes6;
  if (routes === undefined) return UNANSWERED;
  const route = ip.family === 4 ? choose4(facts, routes, ip, traits) : choose6(facts, routes, ip, traits);
  if (route?.kind === 'local') return toSelf(facts, destination);
  if (route === undefined || route.kind === 'reject') return REFUSED;
  return follow(facts, route, ip, traits);
}

const UNANSWERED: RouteLookup = { kind: 'unanswered' };
const REFUSED: RouteLookup = { kind: 'refused', code: 'ENETUNREACH' };

function isOwn({ addresses }: RoutingFacts, destination: string): boolean {
  return isLoopback(destination) || addresses.some(({ address }) => address === destination);
}

/** Traffic of the host to itself leaves by the loopback interface, whatever interface the address is on. */
function toSelf({ links }: RoutingFacts, destination: string): RouteLookup {
  for (const { loopback, index } of links.values()) {
    if (loopback) return { kind: 'route', ifIndex: index, source: destination };
  }
  return UNANSWERED;
}

function choose4(
  facts: RoutingFacts,
  routes: readonly ProcRoute[],
  ip: Ip,
  traits: SocketTraits,
): ProcRoute | undefined {
  const living = routes.filter(({ device }) => device === undefined || !facts.passedOver.has(device));
  return byPreference(covering(facts, living, ip, traits))[0];
}

/**
 * IPv6 passes over routers that do not answer, and /proc shows the routes of all tables as one: so of the routes with the longest prefix, one
 * over a link that is up is believed rather than a better one over a link that is not.
 */
function choose6(
  facts: RoutingFacts,
  routes: readonly ProcRoute[],
  ip: Ip,
  traits: SocketTraits,
): ProcRoute | undefined {
  const preferred = byPreference(covering(facts, routes, ip, traits));
  const [best] = preferred;
  if (best?.kind !== 'unicast') return best;
  const alike = preferred.filter(({ prefixLength, kind }) => prefixLength === best.prefixLength && kind === 'unicast');
  return alike.find(({ device }) => isUsable(facts, device)) ?? best;
}

/** The routes that cover a destination, over the interface that the socket is bound to, if it is bound. */
function covering(
  { links }: RoutingFacts,
  routes: readonly ProcRoute[],
  { bytes }: Ip,
  { ifIndex }: SocketTraits,
): readonly ProcRoute[] {
  const bound = ifIndex === undefined ? undefined : links.get(ifIndex)?.name;
  return routes.filter(
    ({ prefix, prefixLength, device }) =>
      commonPrefix(prefix, bytes) >= prefixLength && (ifIndex === undefined || device === bound),
  );
}

function byPreference(routes: readonly ProcRoute[]): readonly ProcRoute[] {
  return routes.toSorted((a, b) => b.prefixLength - a.prefixLength || a.metric - b.metric);
}

function follow(facts: RoutingFacts, route: ProcRoute, ip: Ip, traits: SocketTraits): RouteLookup {
  const link = findByName(facts, route.device);
  // The link came after the links were read.
  if (link === undefined) return UNANSWERED;
  const source = traits.source ?? chooseSource(facts, link, route, ip);
  // An IPv4 route goes with the last address of its link. Where it stands, there is a source, if none that is known here.
  if (source === undefined && ip.family === 4 && isLinkUp(link)) return UNANSWERED;
  return {
    kind: 'route',
    ifIndex: link.index,
    ...(route.gateway !== undefined && { gateway: route.gateway }),
    ...(source !== undefined && { source }),
  };
}

/** An address of the link, else one of another link. Where a link has several, the kernel may in truth take another of them. */
function chooseSource(facts: RoutingFacts, link: LinkFacts, route: ProcRoute, ip: Ip): string | undefined {
  const candidates = facts.addresses.filter(
    (each) => each.family === ip.family && each.usable && !isLoopback(each.address),
  );
  const rank = ip.family === 4 ? rankOf4(link, parseIp(route.gateway ?? '') ?? ip) : rankOf6(link, ip);
  const [best] = candidates.toSorted((a, b) => compare(rank(a), rank(b)));
  return best?.address;
}

type Rank = (address: ProcAddress) => readonly number[];

/** In the subnet of the next hop, and otherwise the first one (inet_select_addr). */
function rankOf4(link: LinkFacts, nextHop: Ip): Rank {
  return (each) => [each.ifIndex === link.index ? 0 : 1, nearness(each, nextHop) >= each.prefixLength ? 0 : 1];
}

/** RFC 6724, section 5, as far as it can be known here: the scope, the interface, then the longest common prefix. */
function rankOf6(link: LinkFacts, destination: Ip): Rank {
  const wantsLinkLocal = isLinkLocal6(destination);
  return (each) => [
    each.linkLocal === wantsLinkLocal ? 0 : 1,
    each.ifIndex === link.index ? 0 : 1,
    each.permanent ? 0 : 1,
    -nearness(each, destination),
  ];
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [at, value] of a.entries()) {
    const difference = value - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function nearness({ address }: ProcAddress, { bytes }: Ip): number {
  const own = parseIp(address);
  return own === undefined ? 0 : commonPrefix(own.bytes, bytes);
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}

/** fe80::/10, RFC 4291 section 2.5.6. */
function isLinkLocal6({ bytes: [first = 0, second = 0] }: Ip): boolean {
  return first === 0xfe && (second & 0xc0) === 0x80;
}

function isUsable(facts: RoutingFacts, device: string | undefined): boolean {
  const link = findByName(facts, device);
  return link !== undefined && isLinkUp(link);
}

function findByName({ links }: Pick<RoutingFacts, 'links'>, name: string | undefined): LinkFacts | undefined {
  for (const link of links.values()) if (link.name === name) return link;
  return undefined;
}

/** How many leading bits two addresses of one family have in common. */
export function commonPrefix(a: Uint8Array, b: Uint8Array): number {
  for (const [at, byte] of a.entries()) {
    const difference = byte ^ (b[at] ?? 0);
    if (difference !== 0) return at * 8 + Math.clz32(difference) - 24;
  }
  return a.length * 8;
}
