import { AttributeCursor } from './attributes.js';
import { LITTLE_ENDIAN } from './byte-order.js';
import {
  IFLA_ADDRESS,
  IFLA_ALT_IFNAME,
  IFLA_CARRIER,
  IFLA_CARRIER_CHANGES,
  IFLA_CARRIER_DOWN_COUNT,
  IFLA_CARRIER_UP_COUNT,
  IFLA_IFNAME,
  IFLA_LINK,
  IFLA_LINK_NETNSID,
  IFLA_LINKINFO,
  IFLA_MASTER,
  IFLA_MTU,
  IFLA_OPERSTATE,
  IFLA_PROP_LIST,
  IFLA_STATS64,
} from './constants.js';
import { formatLinkLayerAddress } from './link-layer-address.js';
import { NetlinkDecodeError } from './netlink-decode-error.js';

/**
 * A network interface. A value is undefined where the message does not hold it: only messages of family 0 are complete, and a wireless
 * event is one that holds little more than the name.
 */
export interface Link {
  /**
   * The address family that the message speaks for: 0 (AF_UNSPEC) for the interface itself. 7 (AF_BRIDGE) speaks of its membership in a
   * bridge, and its deletion means that the interface has left the bridge, not that it is gone; 10 (AF_INET6) of its IPv6 side.
   */
  readonly family: number;
  /** Unique in its namespace while the interface exists; may be used again afterwards. */
  readonly index: number;
  /** Empty where the message has none. */
  readonly name: string;
  /** Further names (`ip link property add … altname`). */
  readonly altNames: readonly string[];
  /** The driver's kind for virtual interfaces: `'veth'`, `'bridge'`, `'vlan'`; undefined for hardware and loopback. */
  readonly kind: string | undefined;
  /** ARPHRD_* of linux/if_arp.h: 1 for Ethernet, 772 for loopback, 65534 for none. */
  readonly type: number;
  /** The link-layer address as pairs of hexadecimal digits: six for Ethernet, other lengths for other types. */
  readonly mac: string | undefined;
  /** In bytes. */
  readonly mtu: number | undefined;
  /** All IFF_* flags of linux/if.h; the most useful ones follow by name. */
  readonly flags: number;
  /** IFF_UP: set up by the administrator. Says nothing of the cable. */
  readonly up: boolean;
  /** IFF_RUNNING: operational by RFC 2863. Lags behind `lowerUp` by up to a second. */
  readonly running: boolean;
  /** IFF_LOWER_UP: the driver sees the other side, at this moment. */
  readonly lowerUp: boolean;
  /** IFF_DORMANT: the driver sees the other side but waits for something, such as 802.1X. */
  readonly dormant: boolean;
  /** IFF_LOOPBACK. */
  readonly loopback: boolean;
  /** IFF_BROADCAST: it can send to all hosts of its link at once. */
  readonly broadcast: boolean;
  /** IFF_POINTOPOINT: there is one other end. */
  readonly pointToPoint: boolean;
  /** IFF_MULTICAST: it can send to groups. */
  readonly multicast: boolean;
  /** IFF_NOARP: addresses of its neighbours need no asking for. */
  readonly noArp: boolean;
  /** IFF_PROMISC: it takes in frames for others, too. */
  readonly promiscuous: boolean;
  /** How it stands, by its driver. */
  readonly operState: OperState | undefined;
  /** IFLA_CARRIER: whether the cable, radio or peer is there. */
  readonly carrier: boolean | undefined;
  /** Every gain and loss of carrier since the interface was made, also those that were never notified. */
  readonly carrierChanges: number | undefined;
  /** How often the carrier came. */
  readonly carrierUpCount: number | undefined;
  /** How often the carrier went. */
  readonly carrierDownCount: number | undefined;
  /**
   * The index of the interface beneath or on the other side: a VLAN's parent, the peer of a veth. 0 for a tunnel that has none. An index of
   * another namespace where `linkNetnsId` is set.
   */
  readonly linkIndex: number | undefined;
  /** This namespace's id for the one that `linkIndex` belongs to (`ip netns list-id`). */
  readonly linkNetnsId: number | undefined;
  /** The index of the bridge, bond or VRF that the interface belongs to. */
  readonly masterIndex: number | undefined;
  /** Its counters. */
  readonly statistics: LinkStatistics | undefined;
}

/** ifOperStatus of RFC 2863, section 3.1.14. `'unknown'` is what drivers report that do not set it, loopback and TUN among them. */
export type OperState = 'unknown' | 'notpresent' | 'down' | 'lowerlayerdown' | 'testing' | 'dormant' | 'up';

/** The kernel's 64-bit counters since the interface was made; exact up to 2^53, which for bytes is nine petabytes. */
export interface LinkStatistics {
  /** What came in. */
  readonly rx: TrafficCounters;
  /** What went out. */
  readonly tx: TrafficCounters;
}

/** Counters of one direction. */
export interface TrafficCounters {
  /** Bytes, link-layer headers included. */
  readonly bytes: number;
  /** Packets. */
  readonly packets: number;
  /** Packets that were damaged or could not be sent. */
  readonly errors: number;
  /** Packets dropped though nothing was wrong with them, for want of room for one. */
  readonly dropped: number;
}

/** @throws {NetlinkDecodeError} when the bytes are no struct ifinfomsg with attributes. */
export function decodeLink(view: DataView, start: number, end: number): Link {
  if (end - start < IFINFOMSG_LENGTH) throw new NetlinkDecodeError('a link message is cut short', start);
  const flags = view.getUint32(start + 8, LITTLE_ENDIAN);
  let name = '';
  let altNames = NO_NAMES;
  let kind: string | undefined;
  let mac: string | undefined;
  let mtu: number | undefined;
  let operState: OperState | undefined;
  let carrier: boolean | undefined;
  let carrierChanges: number | undefined;
  let carrierUpCount: number | undefined;
  let carrierDownCount: number | undefined;
  let linkIndex: number | undefined;
  let linkNetnsId: number | undefined;
  let masterIndex: number | undefined;
  let statistics: LinkStatistics | undefined;

  const attributes = new AttributeCursor(view, start + IFINFOMSG_LENGTH, end);
  while (attributes.next()) {
    switch (attributes.type) {
      case IFLA_ADDRESS:
        mac = linkLayerAddress(attributes);
        break;
      case IFLA_IFNAME:
        name = attributes.text();
        break;
      case IFLA_MTU:
        mtu = attributes.u32();
        break;
      case IFLA_LINK:
        linkIndex = attributes.u32();
        break;
      case IFLA_MASTER:
        masterIndex = attributes.u32();
        break;
      case IFLA_OPERSTATE:
        operState = OPER_STATES[attributes.u8()] ?? 'unknown';
        break;
      case IFLA_LINKINFO:
        kind = decodeKind(attributes.nested());
        break;
      case IFLA_STATS64:
        statistics = decodeStatistics(attributes);
        break;
      case IFLA_CARRIER:
        carrier = attributes.u8() !== 0;
        break;
      case IFLA_CARRIER_CHANGES:
        carrierChanges = attributes.u32();
        break;
      case IFLA_CARRIER_UP_COUNT:
        carrierUpCount = attributes.u32();
        break;
      case IFLA_CARRIER_DOWN_COUNT:
        carrierDownCount = attributes.u32();
        break;
      case IFLA_LINK_NETNSID:
        linkNetnsId = attributes.i32();
        break;
      case IFLA_PROP_LIST:
        altNames = decodeAltNames(attributes.nested());
        break;
    }
  }

  return {
    family: view.getUint8(start),
    index: view.getInt32(start + 4, LITTLE_ENDIAN),
    name,
    altNames,
    kind,
    type: view.getUint16(start + 2, LITTLE_ENDIAN),
    mac,
    mtu,
    flags,
    up: (flags & IFF_UP) !== 0,
    running: (flags & IFF_RUNNING) !== 0,
    lowerUp: (flags & IFF_LOWER_UP) !== 0,
    dormant: (flags & IFF_DORMANT) !== 0,
    loopback: (flags & IFF_LOOPBACK) !== 0,
    broadcast: (flags & IFF_BROADCAST) !== 0,
    pointToPoint: (flags & IFF_POINTOPOINT) !== 0,
    multicast: (flags & IFF_MULTICAST) !== 0,
    noArp: (flags & IFF_NOARP) !== 0,
    promiscuous: (flags & IFF_PROMISC) !== 0,
    operState,
    carrier,
    carrierChanges,
    carrierUpCount,
    carrierDownCount,
    linkIndex,
    linkNetnsId,
    masterIndex,
    statistics,
  };
}

/** struct ifinfomsg (linux/rtnetlink.h): u8 family, u8 padding, u16 type, i32 index, u32 flags, u32 change mask. */
const IFINFOMSG_LENGTH = 16;

// linux/if.h
const IFF_UP = 1 << 0;
const IFF_BROADCAST = 1 << 1;
const IFF_LOOPBACK = 1 << 3;
const IFF_POINTOPOINT = 1 << 4;
const IFF_RUNNING = 1 << 6;
const IFF_NOARP = 1 << 7;
const IFF_PROMISC = 1 << 8;
const IFF_MULTICAST = 1 << 12;
const IFF_LOWER_UP = 1 << 16;
const IFF_DORMANT = 1 << 17;

/** In the order of the IF_OPER_* numbers of linux/if.h. */
const OPER_STATES = ['unknown', 'notpresent', 'down', 'lowerlayerdown', 'testing', 'dormant', 'up'] as const;

const NO_NAMES: readonly string[] = Object.freeze([]);

function linkLayerAddress({ view, start, end }: AttributeCursor): string | undefined {
  return start === end ? undefined : formatLinkLayerAddress(view, start, end);
}

function decodeKind(attributes: AttributeCursor): string | undefined {
  let kind: string | undefined;
  while (attributes.next()) {
    if (attributes.type === IFLA_INFO_KIND) kind = attributes.text();
  }
  return kind;
}

const IFLA_INFO_KIND = 1;

function decodeAltNames(attributes: AttributeCursor): readonly string[] {
  const names: string[] = [];
  while (attributes.next()) {
    if (attributes.type === IFLA_ALT_IFNAME) names.push(attributes.text());
  }
  return names;
}

/** struct rtnl_link_stats64 (linux/if_link.h) begins with RX and TX in turn: packets, bytes, errors, dropped. */
function decodeStatistics(attribute: AttributeCursor): LinkStatistics {
  const { view } = attribute;
  const at = attribute.payload(64);
  return { rx: decodeCounters(view, at), tx: decodeCounters(view, at + 8) };
}

function decodeCounters(view: DataView, at: number): TrafficCounters {
  return {
    packets: u64(view, at),
    bytes: u64(view, at + 16),
    errors: u64(view, at + 32),
    dropped: u64(view, at + 48),
  };
}

/** Two 32-bit reads: a BigInt would be allocated and converted for every counter of every message. */
function u64(view: DataView, at: number): number {
  const first = view.getUint32(at, LITTLE_ENDIAN);
  const second = view.getUint32(at + 4, LITTLE_ENDIAN);
  return LITTLE_ENDIAN ? second * 2 ** 32 + first : first * 2 ** 32 + second;
}
