import { formatIpv4, formatIpv6, type IpFamily } from '../names/index.js';
import { AttributeCursor, align } from './attributes.js';
import { LITTLE_ENDIAN } from './byte-order.js';
import {
  AF_INET,
  AF_INET6,
  RTA_CACHEINFO,
  RTA_DST,
  RTA_GATEWAY,
  RTA_MARK,
  RTA_MULTIPATH,
  RTA_NH_ID,
  RTA_OIF,
  RTA_PREFSRC,
  RTA_PRIORITY,
  RTA_SRC,
  RTA_TABLE,
  RTA_UID,
  RTA_VIA,
} from './constants.js';
import { NetlinkDecodeError } from './netlink-decode-error.js';
import { decodeLengthOfPrefix } from './prefix.js';
import { protocolOf, type RouteProtocol } from './protocol.js';
import { type Scope, scopeOf } from './scope.js';

/** An entry of a routing table, or the kernel's answer to the question how it would reach one destination. */
export interface Route extends NextHop {
  /** Which IP version it is for. */
  readonly family: IpFamily;
  /** Undefined for a default route. */
  readonly destination: string | undefined;
  /** How many bits of `destination` count: 0 for a default route. */
  readonly prefixLength: number;
  /** The source that the route is for, or that was asked with; undefined for any, but `'::'` in an IPv6 answer to a look-up without one. */
  readonly source: string | undefined;
  /** How many bits of `source` count. */
  readonly sourcePrefixLength: number;
  /** The IPv4 type of service that the route is for; 0 for any. */
  readonly tos: number;
  /** 254 is main, 255 local, 253 default (enum rt_class_t). */
  readonly table: number;
  /** Who installed it. */
  readonly protocol: RouteProtocol;
  /** How far away its destinations are. */
  readonly scope: Scope;
  /** What becomes of packets on it. */
  readonly type: RouteType;
  /** The address that packets leave with, where their socket has none. */
  readonly preferredSource: string | undefined;
  /** Of routes to one destination the lowest wins; 0 where the message has none. `ip` calls it metric, the kernel priority. */
  readonly metric: number;
  /** RTM_F_CLONED: made for one destination, not an entry of a table. IPv4 look-ups are answered with such; IPv6 ones mostly are not. */
  readonly cloned: boolean;
  /** The ways of a multipath route, which has no gateway and interface of its own; otherwise empty. */
  readonly nextHops: readonly WeightedNextHop[];
  /** The nexthop object that the route uses (`ip nexthop`). */
  readonly nextHopId: number | undefined;
  /** The mark that was asked with (SO_MARK). */
  readonly mark: number | undefined;
  /** The user that was asked for. */
  readonly uid: number | undefined;
  /** Milliseconds until it vanishes, from the moment of the message; undefined for never. */
  readonly expiresIn: number | undefined;
}

/** One way to go. */
export interface NextHop {
  /** The router; undefined where the destination is on the link. May be IPv6 on an IPv4 route (RFC 8950, `via inet6`). */
  readonly gateway: string | undefined;
  /** Undefined for a route that goes nowhere (blackhole …) or several ways. */
  readonly ifIndex: number | undefined;
  /** All RTNH_F_* flags, on a route RTM_F_* too (linux/rtnetlink.h); the most useful ones follow by name. */
  readonly flags: number;
  /** RTNH_F_LINKDOWN: the interface has no carrier. The kernel goes on using it unless `ignore_routes_with_linkdown` is set. */
  readonly linkDown: boolean;
  /** RTNH_F_DEAD: not used, because the interface is down. */
  readonly dead: boolean;
  /** RTNH_F_ONLINK: the gateway is taken to be on the link though no address says so. */
  readonly onLink: boolean;
}

/** One way of several. */
export interface WeightedNextHop extends NextHop {
  /** Its share of the traffic, from 1. */
  readonly weight: number;
}

/**
 * What becomes of packets on a route (RTN_* of linux/rtnetlink.h). `unreachable`, `prohibit` and `blackhole` refuse them with
 * EHOSTUNREACH, EACCES and EINVAL; `throw` makes the look-up go on in the next table.
 */
export type RouteType = (typeof ROUTE_TYPES)[number] | 'unknown';

/** @throws {NetlinkDecodeError} when the bytes are no struct rtmsg with attributes, or a prefix is none. */
export function decodeRoute(view: DataView, start: number, end: number, family: IpFamily): Route {
  if (end - start < RTMSG_LENGTH) throw new NetlinkDecodeError('a route message is cut short', start);
  const flags = view.getUint32(start + 8, LITTLE_ENDIAN);
  let destination: string | undefined;
  let source: string | undefined;
  let table = view.getUint8(start + 4);
  let gateway: string | undefined;
  let ifIndex: number | undefined;
  let preferredSource: string | undefined;
  let metric = 0;
  let nextHops = NO_NEXT_HOPS;
  let nextHopId: number | undefined;
  let mark: number | undefined;
  let uid: number | undefined;
  let expiresIn: number | undefined;

  const attributes = new AttributeCursor(view, start + RTMSG_LENGTH, end);
  while (attributes.next()) {
    switch (attributes.type) {
      case RTA_DST:
        destination = attributes.ip(family);
        break;
      case RTA_SRC:
        source = attributes.ip(family);
        break;
      case RTA_OIF:
        ifIndex = attributes.u32();
        break;
      case RTA_GATEWAY:
        gateway = attributes.ip(family);
        break;
      case RTA_PRIORITY:
        metric = attributes.u32();
        break;
      case RTA_PREFSRC:
        preferredSource = attributes.ip(family);
        break;
      case RTA_MULTIPATH:
        nextHops = decodeNextHops(attributes, family);
        break;
      case RTA_CACHEINFO: {
        const at = attributes.payload(12);
        const ticks = view.getInt32(at + 8, LITTLE_ENDIAN);
        expiresIn = ticks === 0 ? undefined : ticks * MILLISECONDS_PER_TICK;
        break;
      }
      case RTA_TABLE:
        // Supersedes the eight bits of the header, which cannot hold every table's number.
        table = attributes.u32();
        break;
      case RTA_MARK:
        mark = attributes.u32();
        break;
      case RTA_VIA:
        gateway = decodeVia(attributes);
        break;
      case RTA_UID:
        uid = attributes.u32();
        break;
      case RTA_NH_ID:
        nextHopId = attributes.u32();
        break;
    }
  }

  return {
    family,
    destination,
    prefixLength: decodeLengthOfPrefix(view, start + 1, family, destination),
    source,
    sourcePrefixLength: decodeLengthOfPrefix(view, start + 2, family, source),
    tos: view.getUint8(start + 3),
    table,
    protocol: protocolOf(view.getUint8(start + 5)),
    scope: scopeOf(view.getUint8(start + 6)),
    type: ROUTE_TYPES[view.getUint8(start + 7)] ?? 'unknown',
    gateway,
    ifIndex,
    preferredSource,
    metric,
    flags,
    linkDown: (flags & RTNH_F_LINKDOWN) !== 0,
    dead: (flags & RTNH_F_DEAD) !== 0,
    onLink: (flags & RTNH_F_ONLINK) !== 0,
    cloned: (flags & RTM_F_CLONED) !== 0,
    nextHops,
    nextHopId,
    mark,
    uid,
    expiresIn,
  };
}

/** struct rtmsg (linux/rtnetlink.h): u8 family, destination and source length, tos, table, protocol, scope, type; u32 flags. */
const RTMSG_LENGTH = 12;

// linux/rtnetlink.h
const RTNH_F_DEAD = 1;
const RTNH_F_ONLINK = 4;
const RTNH_F_LINKDOWN = 16;
const RTM_F_CLONED = 0x200;

/** USER_HZ, the unit of rta_expires: 100 on every architecture that Node.js runs on. */
const MILLISECONDS_PER_TICK = 10;

/** In the order of the RTN_* numbers. */
const ROUTE_TYPES = [
  'unspecified',
  'unicast',
  'local',
  'broadcast',
  'anycast',
  'multicast',
  'blackhole',
  'unreachable',
  'prohibit',
  'throw',
  'nat',
  'xresolve',
] as const;

const NO_NEXT_HOPS: readonly WeightedNextHop[] = Object.freeze([]);

/** Structures of struct rtnexthop (u16 length, u8 flags, u8 weight less one, i32 interface index), each with attributes of its own. */
function decodeNextHops(attribute: AttributeCursor, family: IpFamily): readonly WeightedNextHop[] {
  const { view, end } = attribute;
  const hops: WeightedNextHop[] = [];
  for (let at = attribute.start; at < end; ) {
    if (at + RTNEXTHOP_LENGTH > end) throw new NetlinkDecodeError('a next hop is cut short', at);
    const length = view.getUint16(at, LITTLE_ENDIAN);
    if (length < RTNEXTHOP_LENGTH || at + length > end) {
      throw new NetlinkDecodeError(`a next hop of length ${length} does not fit`, at);
    }
    hops.push(decodeNextHop(view, at, at + length, family));
    at += align(length);
  }
  return hops;
}

const RTNEXTHOP_LENGTH = 8;

function decodeNextHop(view: DataView, start: number, end: number, family: IpFamily): WeightedNextHop {
  const flags = view.getUint8(start + 2);
  let gateway: string | undefined;
  const attributes = new AttributeCursor(view, start + RTNEXTHOP_LENGTH, end);
  while (attributes.next()) {
    if (attributes.type === RTA_GATEWAY) gateway = attributes.ip(family);
    else if (attributes.type === RTA_VIA) gateway = decodeVia(attributes);
  }
  return {
    gateway,
    ifIndex: view.getInt32(start + 4, LITTLE_ENDIAN),
    flags,
    linkDown: (flags & RTNH_F_LINKDOWN) !== 0,
    dead: (flags & RTNH_F_DEAD) !== 0,
    onLink: (flags & RTNH_F_ONLINK) !== 0,
    weight: view.getUint8(start + 3) + 1,
  };
}

/** struct rtvia: u16 address family, then the address. */
function decodeVia(attribute: AttributeCursor): string | undefined {
  const { view } = attribute;
  switch (view.getUint16(attribute.payload(2), LITTLE_ENDIAN)) {
    case AF_INET:
      return formatIpv4(view, attribute.payload(6) + 2);
    case AF_INET6:
      return formatIpv6(view, attribute.payload(18) + 2);
    default:
      return undefined;
  }
}
