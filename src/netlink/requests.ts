import { InvalidOptionError } from '../errors/index.js';
import { type Ip, type IpFamily, parseIp } from '../names/index.js';
import { boolean, checkOptions, type OptionRule, type OptionRules, oneOf, wholeNumberFrom } from '../options/index.js';
import {
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  IFLA_ALT_IFNAME,
  IFLA_EXT_MASK,
  IFLA_IFNAME,
  NLM_F_DUMP,
  RTA_DPORT,
  RTA_DST,
  RTA_IP_PROTO,
  RTA_MARK,
  RTA_OIF,
  RTA_SPORT,
  RTA_SRC,
  RTA_TABLE,
  RTA_UID,
  RTM_GETADDR,
  RTM_GETLINK,
  RTM_GETROUTE,
  RTM_GETRULE,
} from './constants.js';
import { RequestWriter } from './request-writer.js';

/** Which link to ask for: by index, or by any of its names. */
export type LinkSelector =
  | { readonly index: number; readonly name?: never }
  | { readonly name: string; readonly index?: never };

/** Which routes to ask for. */
export interface RouteDumpOptions {
  /** @default both */
  readonly family?: IpFamily;
  /**
   * The number of one table, such as 254 for main. The kernel heeds it only on sockets with NETLINK_GET_STRICT_CHK; without that it sends
   * all tables.
   *
   * @default all tables
   */
  readonly table?: number;
}

/** Which rules to ask for. */
export interface RuleDumpOptions {
  /** @default both */
  readonly family?: IpFamily;
}

/** A destination and whatever else the work's sockets have that routing policy may look at. */
export interface RouteQuery {
  /** An IPv4 or IPv6 address, without a zone: for `fe80::1%eth0` give `ifIndex`. */
  readonly destination: string;
  /** The address that the socket is bound to, of the same family. */
  readonly source?: string;
  /** SO_MARK. */
  readonly mark?: number;
  /** The user that owns the socket. The kernel takes the asking one when it is left out. */
  readonly uid?: number;
  /** The interface that the socket is bound to (SO_BINDTODEVICE). */
  readonly ifIndex?: number;
  /** The transport protocol of the packet. */
  readonly protocol?: 'tcp' | 'udp' | 'icmp';
  /** The port that the socket is bound to. */
  readonly sourcePort?: number;
  /** The port that the packet goes to. */
  readonly destinationPort?: number;
  /**
   * RTM_F_FIB_MATCH: answer with the table entry that matches, all its next hops included, and not with the one way that is taken.
   *
   * @default false
   */
  readonly fibMatch?: boolean;
}

/**
 * Asks for all links. The answers end with `done`.
 *
 * @param sequence comes back in the header of every answer; taken modulo 2^32.
 */
export function encodeLinkDump(sequence: number): Uint8Array {
  return new RequestWriter(sequence, RTM_GETLINK, NLM_F_DUMP, IFINFOMSG_LENGTH)
    .u32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS)
    .finish();
}

/**
 * Asks for all addresses of both families. The answers end with `done`.
 *
 * @param sequence comes back in the header of every answer; taken modulo 2^32.
 */
export function encodeAddressDump(sequence: number): Uint8Array {
  return new RequestWriter(sequence, RTM_GETADDR, NLM_F_DUMP, IFADDRMSG_LENGTH).finish();
}

/**
 * Asks for all routes. The answers end with `done`.
 *
 * @param sequence comes back in the header of every answer; taken modulo 2^32.
 * @throws {InvalidOptionError}
 */
export function encodeRouteDump(sequence: number, options: RouteDumpOptions = {}): Uint8Array {
  checkOptions('encodeRouteDump', options, ROUTE_DUMP_RULES);
  const { family, table } = options;
  const request = new RequestWriter(sequence, RTM_GETROUTE, NLM_F_DUMP, RTMSG_LENGTH);
  request.structureU8(0, family === undefined ? AF_UNSPEC : addressFamily(family));
  if (table !== undefined) request.u32(RTA_TABLE, table);
  return request.finish();
}

/**
 * Asks for all rules of the routing policy. The answers end with `done`.
 *
 * @param sequence comes back in the header of every answer; taken modulo 2^32.
 * @throws {InvalidOptionError}
 */
export function encodeRuleDump(sequence: number, options: RuleDumpOptions = {}): Uint8Array {
  checkOptions('encodeRuleDump', options, RULE_DUMP_RULES);
  const { family } = options;
  return new RequestWriter(sequence, RTM_GETRULE, NLM_F_DUMP, FIB_RULE_HDR_LENGTH)
    .structureU8(0, family === undefined ? AF_UNSPEC : addressFamily(family))
    .finish();
}

/**
 * Asks for one link. The answer is one `link`, or an `error` with errno 19 (ENODEV).
 *
 * @param sequence comes back in the header of the answer; taken modulo 2^32.
 * @throws {InvalidOptionError}
 */
export function encodeLinkRequest(sequence: number, link: LinkSelector): Uint8Array {
  checkOptions('encodeLinkRequest', link, LINK_RULES);
  const { index, name } = link;
  if ((index === undefined) === (name === undefined)) {
    throw new InvalidOptionError('encodeLinkRequest: link', link, 'an object with either index or name');
  }
  const request = new RequestWriter(sequence, RTM_GETLINK, 0, IFINFOMSG_LENGTH);
  if (index !== undefined) request.structureU32(4, index);
  if (name !== undefined) request.raw(...nameAttribute(name));
  return request.u32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS).finish();
}

/**
 * Asks how the kernel would reach a destination. The answer is one `route`, or an `error`: with errno 101 (ENETUNREACH) where no route
 * matches, 113 (EHOSTUNREACH), 13 (EACCES) or 22 (EINVAL) where an unreachable, prohibit or blackhole route does.
 *
 * @param sequence comes back in the header of the answer; taken modulo 2^32.
 * @throws {InvalidOptionError}
 */
export function encodeRouteRequest(sequence: number, query: RouteQuery): Uint8Array {
  checkOptions('encodeRouteRequest', query, ROUTE_QUERY_RULES);
  const { mark, uid, ifIndex, protocol, sourcePort, destinationPort } = query;
  const destination = ipOption('destination', query.destination);
  const bits = destination.bytes.length * 8;
  const request = new RequestWriter(sequence, RTM_GETROUTE, 0, RTMSG_LENGTH);
  request.structureU8(0, addressFamily(destination.family));
  request.structureU8(1, bits);
  request.structureU32(8, lookUpFlags(destination.family) | (query.fibMatch === true ? RTM_F_FIB_MATCH : 0));
  request.raw(RTA_DST, destination.bytes);
  if (query.source !== undefined) {
    const source = ipOption('source', query.source);
    if (source.family !== destination.family) {
      throw new InvalidOptionError(
        'encodeRouteRequest: source',
        query.source,
        "an address of the destination's family",
      );
    }
    request.structureU8(2, bits);
    request.raw(RTA_SRC, source.bytes);
  }
  if (ifIndex !== undefined) request.u32(RTA_OIF, ifIndex);
  if (mark !== undefined) request.u32(RTA_MARK, mark);
  if (uid !== undefined) request.u32(RTA_UID, uid);
  if (protocol !== undefined) request.u8(RTA_IP_PROTO, protocolNumber(protocol, destination.family));
  if (sourcePort !== undefined) request.port(RTA_SPORT, sourcePort);
  if (destinationPort !== undefined) request.port(RTA_DPORT, destinationPort);
  return request.finish();
}

// linux/rtnetlink.h, linux/if_addr.h and linux/fib_rules.h: sizes of struct ifinfomsg, ifaddrmsg, rtmsg and fib_rule_hdr.
const IFINFOMSG_LENGTH = 16;
const IFADDRMSG_LENGTH = 8;
const RTMSG_LENGTH = 12;
const FIB_RULE_HDR_LENGTH = 12;

/** Leaves out the IPv6 and ICMPv6 counters, which nothing here reads; the interface's own counters come all the same. */
const RTEXT_FILTER_SKIP_STATS = 1 << 3;

const RTM_F_LOOKUP_TABLE = 0x1000;
const RTM_F_FIB_MATCH = 0x2000;

/** linux/if.h: the longest names, with their closing NUL. */
const IFNAMSIZ = 16;
const ALTIFNAMSIZ = 128;

const U32_MAX = 2 ** 32 - 1;
const INTERFACE_INDEX = wholeNumberFrom(1, 2 ** 31 - 1);
const PORT = wholeNumberFrom(1, 65_535);

const LINK_RULES: OptionRules<LinkSelector> = {
  index: INTERFACE_INDEX,
  name: {
    allowed: `a name of 1 to ${ALTIFNAMSIZ - 1} bytes`,
    accepts: (value) =>
      typeof value === 'string' && value !== '' && !value.includes('\0') && terminated(value).length <= ALTIFNAMSIZ,
  },
};

const IP_FAMILY: OptionRule = { allowed: '4 or 6', accepts: (value) => value === 4 || value === 6 };

const ROUTE_DUMP_RULES: OptionRules<RouteDumpOptions> = {
  family: IP_FAMILY,
  table: wholeNumberFrom(1, U32_MAX),
};

const RULE_DUMP_RULES: OptionRules<RuleDumpOptions> = { family: IP_FAMILY };

const IP_ADDRESS: OptionRule = {
  allowed: 'an IPv4 or IPv6 address without a zone',
  accepts: (value) => typeof value === 'string',
};

const ROUTE_QUERY_RULES: OptionRules<RouteQuery> = {
  destination: IP_ADDRESS,
  source: IP_ADDRESS,
  mark: wholeNumberFrom(0, U32_MAX),
  // The highest number stands for "no user" (INVALID_UID in the kernel's linux/uidgid.h).
  uid: wholeNumberFrom(0, U32_MAX - 1),
  ifIndex: INTERFACE_INDEX,
  protocol: oneOf('tcp', 'udp', 'icmp'),
  sourcePort: PORT,
  destinationPort: PORT,
  fibMatch: boolean,
};

function addressFamily(family: IpFamily): number {
  return family === 4 ? AF_INET : AF_INET6;
}

/**
 * Without RTM_F_LOOKUP_TABLE an IPv4 answer says that the route is in table main, wherever it is. An IPv6 answer always has the true table,
 * and the flag is refused where requests are checked strictly (inet6_rtm_valid_getroute_req in the kernel's net/ipv6/route.c).
 */
function lookUpFlags(family: IpFamily): number {
  return family === 4 ? RTM_F_LOOKUP_TABLE : 0;
}

/** IPPROTO_* of linux/in.h; ICMP has a number for each IP version. */
function protocolNumber(protocol: 'tcp' | 'udp' | 'icmp', family: IpFamily): number {
  if (protocol === 'tcp') return 6;
  if (protocol === 'udp') return 17;
  return family === 4 ? 1 : 58;
}

function ipOption(name: string, text: string): Ip {
  const ip = parseIp(text);
  if (ip === undefined) throw new InvalidOptionError(`encodeRouteRequest: ${name}`, text, IP_ADDRESS.allowed);
  return ip;
}

/** Names too long for IFLA_IFNAME can only be alternative ones, which have an attribute of their own. */
function nameAttribute(name: string): readonly [type: number, value: Uint8Array] {
  const value = terminated(name);
  return [value.length <= IFNAMSIZ ? IFLA_IFNAME : IFLA_ALT_IFNAME, value];
}

/** As C has its strings. */
function terminated(text: string): Uint8Array {
  return Buffer.from(`${text}\0`);
}
