import type {
  InterfaceAddress,
  IpFamily,
  Link,
  NetlinkMessage,
  NextHop,
  NumberRange,
  Route,
  RouteProtocol,
  Rule,
} from '../../../src/netlink/index.js';

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
      // M-DOWN speaks of the link beneath.
      flags: strings(link['flags'])
        .filter((flag) => flag !== 'M-DOWN')
        .sort(),
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

/** What `ip addr show` said, without what is not decoded. */
export function addressesOfIp(said: unknown): IpObject[] {
  return inOrder(
    objects(said).flatMap((link) =>
      objects(link['addr_info'] ?? []).map(
        ({ nodad, noprefixroute, mngtmpaddr, home, metric, protocol, ...address }) => ({
          ifindex: link['ifindex'],
          ...address,
        }),
      ),
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
        tos: route.tos === 0 ? undefined : hex(route.tos),
        ...nextHop(route, route.family, names),
        table: TABLES.get(route.table) ?? String(route.table),
        // `ip` does not show these of an answer to a look-up, in which they mean nothing.
        protocol: route.cloned ? undefined : protocolName(route.protocol),
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

/** What `ip route show` or `ip route get` said, without what is not decoded. */
export function routesOfIp(said: unknown): IpObject[] {
  return inOrder(
    objects(said).map(({ cache, metrics, nh_info, pref, flow, ...route }) =>
      present({
        ...route,
        metric: route['metric'] === 0 ? undefined : route['metric'],
        nexthops: route['nexthops'] && objects(route['nexthops']).map(({ flow, ...hop }) => hop),
      }),
    ),
  );
}

/** What `ip rule show` should say of these rules of one family, in their order. */
export function rulesAsIpSaysThem(rules: readonly Rule[]): IpObject[] {
  return rules.map((rule) =>
    present({
      priority: rule.priority,
      not: rule.inverted || undefined,
      src: rule.source ?? 'all',
      srclen: unlessWhole(rule.sourcePrefixLength, rule),
      dst: rule.destination,
      dstlen: unlessWhole(rule.destinationPrefixLength, rule),
      tos: rule.tos === 0 ? undefined : hex(rule.tos),
      fwmark: rule.fwmark && hex(rule.fwmark.value),
      fwmask: rule.fwmark && rule.fwmark.mask !== 0xffffffff ? hex(rule.fwmark.mask) : undefined,
      iif: rule.iif,
      iif_detached: rule.iifDetached || undefined,
      oif: rule.oif,
      oif_detached: rule.oifDetached || undefined,
      l3mdev: rule.l3mdev || undefined,
      uid_start: rule.uidRange?.start,
      uid_end: rule.uidRange?.end,
      ipproto: rule.ipProtocol === undefined ? undefined : IP_PROTOCOLS.get(rule.ipProtocol),
      ...portRange('sport', rule.sourcePorts),
      ...portRange('dport', rule.destinationPorts),
      tun_id: rule.tunId,
      table: rule.table === undefined ? undefined : (TABLES.get(rule.table) ?? String(rule.table)),
      suppress_prefixlen: rule.suppressPrefixLength,
      suppress_ifgroup: rule.suppressIfGroup === undefined ? undefined : String(rule.suppressIfGroup),
      ...ruleAction(rule),
      unresolved: rule.unresolved || undefined,
      protocol: protocolName(rule.protocol),
    }),
  );
}

/** What `ip rule show` said, without what is not decoded. A field that is there without a value says "yes". */
export function rulesOfIp(said: unknown): IpObject[] {
  return objects(said).map(({ flow_from, flow_to, ...rule }) =>
    Object.fromEntries(Object.entries(rule).map(([field, value]) => [field, value ?? true])),
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

export function rulesIn(messages: readonly NetlinkMessage[]): Rule[] {
  return messages.flatMap((message) => (message.kind === 'rule' ? [message.rule] : []));
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

function protocolName(protocol: RouteProtocol): string {
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

// linux/in.h
const IP_PROTOCOLS = new Map([
  [1, 'icmp'],
  [6, 'tcp'],
  [17, 'udp'],
  [58, 'ipv6-icmp'],
]);

function ruleAction({ action, gotoTarget }: Rule): IpObject {
  if (action === 'to_tbl') return {};
  if (action === 'goto') return { goto: gotoTarget };
  return action === 'nop' ? { nop: true } : { action };
}

function portRange(name: string, range: NumberRange | undefined): IpObject {
  if (range === undefined) return {};
  const { start, end } = range;
  return start === end ? { [name]: start } : { [`${name}_start`]: start, [`${name}_end`]: end };
}

/** A prefix length, unless it is that of one address or of none. */
function unlessWhole(length: number, { family }: Rule): number | undefined {
  return length === 0 || length === (family === 4 ? 32 : 128) ? undefined : length;
}

/** As printf's %#x has it. */
function hex(value: number): string {
  return value === 0 ? '0' : `0x${value.toString(16)}`;
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
