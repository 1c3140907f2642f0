import type { InterfaceAddress, IpFamily, Link, NetlinkMessage, NextHop, Route } from '../../../src/netlink/index.js';

/**
 * The oracle: what was decoded, in the words of `ip -j -d -s -s`, and what `ip` said, reduced to the same fields. The two must be equal.
 */
export type IpObject = { readonly [field: string]: unknown };

/** What `ip link show` should say of these links. */
export function linksAsIpSaysThem(links: readonly Link[]): IpObject[] {
  const names = namesOf(links);
  return links.map((link) =>
    present({
      ifindex: link.index,
      ifname: link.name,
      altnames: link.altNames.length > 0 ? link.altNames : undefined,
      ...(link.linkNetnsId === undefined
        ? { link: link.linkIndex === undefined ? undefined : names.get(link.linkIndex) }
        : { link_index: link.linkIndex, link_netnsid: link.linkNetnsId }),
      master: link.masterIndex === undefined ? undefined : names.get(link.masterIndex),
      mtu: link.mtu,
      operstate: link.operState?.toUpperCase(),
      link_type: LINK_TYPES.get(link.type),
      address: link.mac,
      flags: linkFlags(link),
      kind: link.kind,
      carrier_changes: link.carrierChanges,
      rx: link.statistics?.rx,
      tx: link.statistics?.tx,
    }),
  );
}

/** What `ip link show` said. */
export function linksOfIp(said: unknown): IpObject[] {
  return objects(said).map((link) => {
    const stats = object(link['stats64']);
    return present({
      ...pick(
        link,
        'ifindex',
        'ifname',
        'altnames',
        'link',
        'link_index',
        'link_netnsid',
        'master',
        'mtu',
        'operstate',
      ),
      ...pick(link, 'link_type', 'address'),
      flags: strings(link['flags']).sort(),
      kind: object(link['linkinfo'])['info_kind'],
      carrier_changes: object(stats['tx'])['carrier_changes'],
      rx: pick(object(stats['rx']), 'bytes', 'packets', 'errors', 'dropped'),
      tx: pick(object(stats['tx']), 'bytes', 'packets', 'errors', 'dropped'),
    });
  });
}

/** What `ip addr show` should say of these addresses, in any order. */
export function addressesAsIpSaysThem(addresses: readonly InterfaceAddress[]): IpObject[] {
  return inOrder(
    addresses.map((address) =>
      present({
        ifindex: address.ifIndex,
        family: address.family === 4 ? 'inet' : 'inet6',
        local: address.address,
        address: address.peer,
        prefixlen: address.prefixLength,
        broadcast: address.broadcast,
        label: address.label,
        scope: String(address.scope),
        secondary: address.secondary || undefined,
        temporary: address.temporary || undefined,
        tentative: address.tentative || undefined,
        optimistic: address.optimistic || undefined,
        dadfailed: address.dadFailed || undefined,
        deprecated: address.deprecated || undefined,
        dynamic: !address.permanent || undefined,
        valid_life_time: ipLifetime(address.validLifetime),
        preferred_life_time: ipLifetime(address.preferredLifetime),
      }),
    ),
  );
}

/** What `ip addr show` said. */
export function addressesOfIp(said: unknown): IpObject[] {
  return inOrder(
    objects(said).flatMap((link) =>
      objects(link['addr_info'] ?? []).map(({ nodad, noprefixroute, ...address }) => ({
        ifindex: link['ifindex'],
        ...address,
      })),
    ),
  );
}

/** What `ip route show` should say of these routes, in any order. */
export function routesAsIpSaysThem(routes: readonly Route[], links: readonly Link[]): IpObject[] {
  const names = namesOf(links);
  return inOrder(
    routes.map((route) =>
      present({
        type: route.type,
        dst: prefix(route.destination, route.prefixLength, route.family) ?? 'default',
        from: prefix(route.source, route.sourcePrefixLength, route.family),
        tos: route.tos === 0 ? undefined : `0x${route.tos.toString(16)}`,
        ...nextHop(route, route.family, names),
        table: TABLES.get(route.table) ?? String(route.table),
        // `ip` does not show these of an answer to a look-up, in which they mean nothing.
        protocol: route.cloned ? undefined : protocolName(route),
        scope: route.cloned ? undefined : String(route.scope),
        prefsrc: route.preferredSource,
        metric: route.metric === 0 ? undefined : route.metric,
        nhid: route.nextHopId,
        nexthops:
          route.nextHops.length === 0
            ? undefined
            : route.nextHops.map((hop) => ({ ...nextHop(hop, route.family, names), weight: hop.weight })),
        mark: route.mark,
        uid: route.uid,
        expires: route.expiresIn === undefined ? undefined : Math.trunc(route.expiresIn / 1_000),
      }),
    ),
  );
}

/** What `ip route show` or `ip route get` said. */
export function routesOfIp(said: unknown): IpObject[] {
  return inOrder(
    objects(said).map(({ cache, metrics, nh_info, pref, ...route }) =>
      present({ ...route, metric: route['metric'] === 0 ? undefined : route['metric'] }),
    ),
  );
}

export function linksIn(messages: readonly NetlinkMessage[]): Link[] {
  return messages.flatMap((message) => (message.kind === 'link' ? [message.link] : []));
}

export function addressesIn(messages: readonly NetlinkMessage[]): InterfaceAddress[] {
  return messages.flatMap((message) => (message.kind === 'address' ? [message.address] : []));
}

export function routesIn(messages: readonly NetlinkMessage[]): Route[] {
  return messages.flatMap((message) => (message.kind === 'route' ? [message.route] : []));
}

// linux/if_arp.h
const LINK_TYPES = new Map([
  [1, 'ether'],
  [772, 'loopback'],
  [65_534, 'none'],
]);

const TABLES = new Map([
  [253, 'default'],
  [254, 'main'],
  [255, 'local'],
]);

function protocolName({ protocol }: Route): string {
  if (protocol === 'unspecified') return 'unspec';
  return protocol === 12 ? 'bird' : String(protocol);
}

/** `ip` turns the lack of RUNNING into NO-CARRIER, where a link is up. */
function linkFlags(link: Link): string[] {
  const flags = [
    link.up && !link.running && 'NO-CARRIER',
    link.loopback && 'LOOPBACK',
    link.broadcast && 'BROADCAST',
    link.pointToPoint && 'POINTOPOINT',
    link.multicast && 'MULTICAST',
    link.noArp && 'NOARP',
    link.promiscuous && 'PROMISC',
    link.up && 'UP',
    link.lowerUp && 'LOWER_UP',
    link.dormant && 'DORMANT',
  ];
  return flags.filter((flag) => flag !== false).sort();
}

function nextHop(hop: NextHop, family: IpFamily, names: ReadonlyMap<number, string>): IpObject {
  const isOfOtherFamily = family === 4 && hop.gateway?.includes(':');
  return present({
    ...(isOfOtherFamily ? { via: { family: 'inet6', host: hop.gateway } } : { gateway: hop.gateway }),
    dev: hop.ifIndex === undefined ? undefined : names.get(hop.ifIndex),
    flags: [hop.dead && 'dead', hop.onLink && 'onlink', hop.linkDown && 'linkdown'].filter((flag) => flag !== false),
  });
}

function prefix(address: string | undefined, length: number, family: IpFamily): string | undefined {
  if (address === undefined) return undefined;
  return length === (family === 4 ? 32 : 128) ? address : `${address}/${length}`;
}

function ipLifetime(milliseconds: number | undefined): number | undefined {
  if (milliseconds === undefined) return undefined;
  return milliseconds === Number.POSITIVE_INFINITY ? 0xffffffff : milliseconds / 1_000;
}

function namesOf(links: readonly Link[]): ReadonlyMap<number, string> {
  return new Map(links.map((link) => [link.index, link.name]));
}

/** Without the fields that are undefined or null. */
function present(fields: IpObject): IpObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));
}

function pick(fields: IpObject, ...names: readonly string[]): IpObject {
  return Object.fromEntries(names.flatMap((name) => (name in fields ? [[name, fields[name]]] : [])));
}

function inOrder(list: readonly IpObject[]): IpObject[] {
  const key = (fields: IpObject): string => JSON.stringify(fields, Object.keys(fields).sort());
  return [...list].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

function objects(value: unknown): IpObject[] {
  if (!Array.isArray(value)) throw new TypeError(`ip did not answer with a list but with ${JSON.stringify(value)}`);
  return value.map(object);
}

function object(value: unknown): IpObject {
  return Object.fromEntries(Object.entries(value ?? {}));
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
