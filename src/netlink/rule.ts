import type { IpFamily } from '../names/index.js';
import { AttributeCursor } from './attributes.js';
import { LITTLE_ENDIAN } from './byte-order.js';
import {
  FRA_DPORT_RANGE,
  FRA_DST,
  FRA_FWMARK,
  FRA_FWMASK,
  FRA_GOTO,
  FRA_IIFNAME,
  FRA_IP_PROTO,
  FRA_L3MDEV,
  FRA_OIFNAME,
  FRA_PRIORITY,
  FRA_PROTOCOL,
  FRA_SPORT_RANGE,
  FRA_SRC,
  FRA_SUPPRESS_IFGROUP,
  FRA_SUPPRESS_PREFIXLEN,
  FRA_TABLE,
  FRA_TUN_ID,
  FRA_UID_RANGE,
} from './constants.js';
import { NetlinkDecodeError } from './netlink-decode-error.js';
import { decodeLengthOfPrefix } from './prefix.js';
import { protocolOf, type RouteProtocol } from './protocol.js';

/**
 * A rule of the routing policy: which packets it is for, and what becomes of their look-up. A packet must match in all that the rule names;
 * what is undefined, or a prefix of length 0, matches every packet.
 */
export interface Rule {
  /** Which IP version it is for. */
  readonly family: IpFamily;
  /** Rules are tried from the lowest to the highest. */
  readonly priority: number;
  /** What it does. */
  readonly action: RuleAction;
  /** The table that `to_tbl` looks in: 254 is main, 255 local, 253 default (enum rt_class_t). Other actions may name one to no effect. */
  readonly table: number | undefined;
  /** The priority of the rule that `goto` continues with. */
  readonly gotoTarget: number | undefined;
  /** Who installed the rule; `'kernel'` for those that every namespace begins with. */
  readonly protocol: RouteProtocol;
  /** All FIB_RULE_* flags of linux/fib_rules.h; the most useful ones follow by name. */
  readonly flags: number;
  /** FIB_RULE_INVERT: for the packets that do *not* match (`ip rule add not …`). */
  readonly inverted: boolean;
  /** FIB_RULE_UNRESOLVED: there is no rule with the priority `gotoTarget`, so that this one is passed over. */
  readonly unresolved: boolean;
  /** FIB_RULE_IIF_DETACHED: there is no interface of the name `iif`, so that no packet matches it. */
  readonly iifDetached: boolean;
  /** FIB_RULE_OIF_DETACHED: the same of `oif`. */
  readonly oifDetached: boolean;
  /** Where the packet goes. */
  readonly destination: string | undefined;
  /** How many bits of `destination` count. */
  readonly destinationPrefixLength: number;
  /** Where the packet comes from. */
  readonly source: string | undefined;
  /** How many bits of `source` count. */
  readonly sourcePrefixLength: number;
  /** The name of the interface that the packet came in by; `'lo'` for what this host sends. */
  readonly iif: string | undefined;
  /** The name of the interface that the sending socket is bound to (SO_BINDTODEVICE). */
  readonly oif: string | undefined;
  /** The mark of the packet or of its socket (SO_MARK). */
  readonly fwmark: MaskedMark | undefined;
  /** The users that own the sending socket. */
  readonly uidRange: NumberRange | undefined;
  /** IPPROTO_* of linux/in.h: 6 for TCP, 17 for UDP. */
  readonly ipProtocol: number | undefined;
  /** The ports that it comes from. */
  readonly sourcePorts: NumberRange | undefined;
  /** The ports that it goes to. */
  readonly destinationPorts: NumberRange | undefined;
  /** The IPv4 type of service or IPv6 traffic class; 0 for any. */
  readonly tos: number;
  /** The id of the tunnel that the packet came through. Exact up to 2^53; VXLAN has ids of 24 bits, GRE of 32. */
  readonly tunId: number | undefined;
  /** For packets of a VRF, whose own table is then looked in (`ip rule add l3mdev`). */
  readonly l3mdev: boolean;
  /** A route found in the table counts as none when its prefix is not longer than this: 0 suppresses default routes. */
  readonly suppressPrefixLength: number | undefined;
  /** A route found in the table counts as none when it leaves by an interface of this group (`ip link set … group`). */
  readonly suppressIfGroup: number | undefined;
}

/** A packet matches when its own mark has `value` in the bits that are set in `mask`. */
export interface MaskedMark {
  /** The mark, as far as it is looked at. */
  readonly value: number;
  /** Which bits are looked at. */
  readonly mask: number;
}

/** Both ends belong to it. */
export interface NumberRange {
  /** The lowest. */
  readonly start: number;
  /** The highest. */
  readonly end: number;
}

/**
 * What a rule does with a packet that it is for (FR_ACT_* of linux/fib_rules.h). `to_tbl` looks in a table, and where that has no route the
 * next rule is tried; `nop` goes on to the next rule at once. `unreachable`, `prohibit` and `blackhole` end the look-up with ENETUNREACH,
 * EACCES and EINVAL.
 */
export type RuleAction = 'to_tbl' | 'goto' | 'nop' | 'blackhole' | 'unreachable' | 'prohibit' | 'unknown';

/** @throws {NetlinkDecodeError} when the bytes are no struct fib_rule_hdr with attributes, or a prefix is none. */
export function decodeRule(view: DataView, start: number, end: number, family: IpFamily): Rule {
  if (end - start < FIB_RULE_HDR_LENGTH) throw new NetlinkDecodeError('a rule message is cut short', start);
  const flags = view.getUint32(start + 8, LITTLE_ENDIAN);
  let destination: string | undefined;
  let source: string | undefined;
  let table = view.getUint8(start + 4);
  let priority = 0;
  let gotoTarget: number | undefined;
  let protocol: RouteProtocol = 'unspecified';
  let iif: string | undefined;
  let oif: string | undefined;
  let mark: number | undefined;
  let mask: number | undefined;
  let uidRange: NumberRange | undefined;
  let ipProtocol: number | undefined;
  let sourcePorts: NumberRange | undefined;
  let destinationPorts: NumberRange | undefined;
  let tunId: number | undefined;
  let l3mdev = false;
  let suppressPrefixLength: number | undefined;
  let suppressIfGroup: number | undefined;

  const attributes = new AttributeCursor(view, start + FIB_RULE_HDR_LENGTH, end);
  while (attributes.next()) {
    switch (attributes.type) {
      case FRA_DST:
        destination = attributes.ip(family);
        break;
      case FRA_SRC:
        source = attributes.ip(family);
        break;
      case FRA_IIFNAME:
        iif = attributes.text();
        break;
      case FRA_GOTO:
        gotoTarget = attributes.u32();
        break;
      case FRA_PRIORITY:
        priority = attributes.u32();
        break;
      case FRA_FWMARK:
        mark = attributes.u32();
        break;
      case FRA_TUN_ID:
        tunId = decodeTunnelId(attributes);
        break;
      case FRA_SUPPRESS_IFGROUP:
        suppressIfGroup = unlessMinusOne(attributes.i32());
        break;
      case FRA_SUPPRESS_PREFIXLEN:
        suppressPrefixLength = unlessMinusOne(attributes.i32());
        break;
      case FRA_TABLE:
        // Supersedes the eight bits of the header, which cannot hold every table's number.
        table = attributes.u32();
        break;
      case FRA_FWMASK:
        mask = attributes.u32();
        break;
      case FRA_OIFNAME:
        oif = attributes.text();
        break;
      case FRA_L3MDEV:
        l3mdev = attributes.u8() !== 0;
        break;
      case FRA_UID_RANGE:
        uidRange = decodeUidRange(attributes);
        break;
      case FRA_PROTOCOL:
        protocol = protocolOf(attributes.u8());
        break;
      case FRA_IP_PROTO:
        ipProtocol = attributes.u8();
        break;
      case FRA_SPORT_RANGE:
        sourcePorts = decodePortRange(attributes);
        break;
      case FRA_DPORT_RANGE:
        destinationPorts = decodePortRange(attributes);
        break;
    }
  }

  return {
    family,
    priority,
    action: actionOf(view.getUint8(start + 7)),
    table: table === RT_TABLE_UNSPEC ? undefined : table,
    gotoTarget,
    protocol,
    flags,
    inverted: (flags & FIB_RULE_INVERT) !== 0,
    unresolved: (flags & FIB_RULE_UNRESOLVED) !== 0,
    iifDetached: (flags & FIB_RULE_IIF_DETACHED) !== 0,
    oifDetached: (flags & FIB_RULE_OIF_DETACHED) !== 0,
    destination,
    destinationPrefixLength: decodeLengthOfPrefix(view, start + 1, family, destination),
    source,
    sourcePrefixLength: decodeLengthOfPrefix(view, start + 2, family, source),
    iif,
    oif,
    fwmark: maskedMark(mark, mask),
    uidRange,
    ipProtocol,
    sourcePorts,
    destinationPorts,
    tos: view.getUint8(start + 3),
    tunId,
    l3mdev,
    suppressPrefixLength,
    suppressIfGroup,
  };
}

/** struct fib_rule_hdr (linux/fib_rules.h): u8 family, destination and source length, tos, table, two reserved, action; u32 flags. */
const FIB_RULE_HDR_LENGTH = 12;

// linux/fib_rules.h
const FIB_RULE_INVERT = 0x02;
const FIB_RULE_UNRESOLVED = 0x04;
const FIB_RULE_IIF_DETACHED = 0x08;
const FIB_RULE_OIF_DETACHED = 0x10;

/** linux/rtnetlink.h: what rules carry that name no table. */
const RT_TABLE_UNSPEC = 0;

/** FR_ACT_* of linux/fib_rules.h; 4 and 5 are reserved. */
function actionOf(value: number): RuleAction {
  switch (value) {
    case 1:
      return 'to_tbl';
    case 2:
      return 'goto';
    case 3:
      return 'nop';
    case 6:
      return 'blackhole';
    case 7:
      return 'unreachable';
    case 8:
      return 'prohibit';
    default:
      return 'unknown';
  }
}

/** The kernel leaves a mark of 0 out, but not its mask (fib_nl_fill_rule in its net/core/fib_rules.c). */
function maskedMark(mark: number | undefined, mask: number | undefined): MaskedMark | undefined {
  if (mark === undefined && mask === undefined) return undefined;
  return { value: mark ?? 0, mask: mask ?? 0xffff_ffff };
}

/** Both suppressors are -1 where nothing is suppressed. */
function unlessMinusOne(value: number): number | undefined {
  return value === -1 ? undefined : value;
}

/** The one number here in network order. */
function decodeTunnelId(attribute: AttributeCursor): number {
  const at = attribute.payload(8);
  return attribute.view.getUint32(at) * 2 ** 32 + attribute.view.getUint32(at + 4);
}

/** struct fib_rule_uid_range: two u32. */
function decodeUidRange(attribute: AttributeCursor): NumberRange {
  const at = attribute.payload(8);
  return {
    start: attribute.view.getUint32(at, LITTLE_ENDIAN),
    end: attribute.view.getUint32(at + 4, LITTLE_ENDIAN),
  };
}

/** struct fib_rule_port_range: two u16, in the host's order unlike the ports of a look-up. */
function decodePortRange(attribute: AttributeCursor): NumberRange {
  const at = attribute.payload(4);
  return {
    start: attribute.view.getUint16(at, LITTLE_ENDIAN),
    end: attribute.view.getUint16(at + 2, LITTLE_ENDIAN),
  };
}
