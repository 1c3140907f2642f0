import type { IpFamily } from '../names/index.js';
import { AttributeCursor } from './attributes.js';
import { LITTLE_ENDIAN } from './byte-order.js';
import { NetlinkDecodeError } from './netlink-decode-error.js';
import { decodePrefixLength } from './prefix.js';
import { type Scope, scopeOf } from './scope.js';

/** An IP address of an interface. */
export interface InterfaceAddress {
  /** Which IP version it is of. */
  readonly family: IpFamily;
  /** The index of the interface that has it. */
  readonly ifIndex: number;
  /** This host's own address, whatever attribute it came in. */
  readonly address: string;
  /** The other end of a point-to-point address, whose prefix `prefixLength` then measures. */
  readonly peer: string | undefined;
  /** IPv4 only. */
  readonly broadcast: string | undefined;
  /** IPv4 only: the interface's name, or that with a suffix (`'eth0:1'`). */
  readonly label: string | undefined;
  /** How many of its bits are those of its network. */
  readonly prefixLength: number;
  /** How far it is valid. */
  readonly scope: Scope;
  /** All IFA_F_* flags of linux/if_addr.h; the most useful ones follow by name. */
  readonly flags: number;
  /** IPv4: not the first address of its subnet on this interface. */
  readonly secondary: boolean;
  /** IPv6: a privacy address (RFC 8981). */
  readonly temporary: boolean;
  /** Not yet known to be unique, and therefore not usable as a source, unless `optimistic` (RFC 4862, RFC 4429). */
  readonly tentative: boolean;
  /** IFA_F_OPTIMISTIC: usable as a source although it is not yet known to be unique (RFC 4429). */
  readonly optimistic: boolean;
  /** Another host has this address. */
  readonly dadFailed: boolean;
  /** Its preferred lifetime is over: no new connection should use it. */
  readonly deprecated: boolean;
  /** Set by an administrator, without a lifetime. */
  readonly permanent: boolean;
  /** Milliseconds until it vanishes, in whole seconds, from the moment of the message; Infinity for ever. */
  readonly validLifetime: number | undefined;
  /** Milliseconds until it is deprecated, in whole seconds, from the moment of the message; Infinity for never. */
  readonly preferredLifetime: number | undefined;
}

/** @throws {NetlinkDecodeError} when the bytes are no struct ifaddrmsg with attributes, or hold no address. */
export function decodeInterfaceAddress(view: DataView, start: number, end: number, family: IpFamily): InterfaceAddress {
  if (end - start < IFADDRMSG_LENGTH) throw new NetlinkDecodeError('an address message is cut short', start);
  let flags = view.getUint8(start + 2);
  let address: string | undefined;
  let local: string | undefined;
  let broadcast: string | undefined;
  let label: string | undefined;
  let validLifetime: number | undefined;
  let preferredLifetime: number | undefined;

  const attributes = new AttributeCursor(view, start + IFADDRMSG_LENGTH, end);
  while (attributes.next()) {
    switch (attributes.type) {
      case IFA_ADDRESS:
        address = attributes.ip(family);
        break;
      case IFA_LOCAL:
        local = attributes.ip(family);
        break;
      case IFA_LABEL:
        label = attributes.text();
        break;
      case IFA_BROADCAST:
        broadcast = attributes.ip(family);
        break;
      case IFA_CACHEINFO: {
        const at = attributes.payload(8);
        preferredLifetime = lifetime(view.getUint32(at, LITTLE_ENDIAN));
        validLifetime = lifetime(view.getUint32(at + 4, LITTLE_ENDIAN));
        break;
      }
      case IFA_FLAGS:
        // Supersedes the eight bits of the header (linux/if_addr.h), wherever it stands.
        flags = attributes.u32();
        break;
    }
  }

  // With a peer, IFA_LOCAL is this end and IFA_ADDRESS the other. Without one, IPv4 sends both alike and IPv6 only IFA_ADDRESS.
  const own = local ?? address;
  if (own === undefined) throw new NetlinkDecodeError('an address message holds no address', start);
  return {
    family,
    ifIndex: view.getUint32(start + 4, LITTLE_ENDIAN),
    address: own,
    peer: address === own ? undefined : address,
    broadcast,
    label,
    prefixLength: decodePrefixLength(view, start + 1, family),
    scope: scopeOf(view.getUint8(start + 3)),
    flags,
    secondary: family === 4 && (flags & IFA_F_SECONDARY) !== 0,
    temporary: family === 6 && (flags & IFA_F_SECONDARY) !== 0,
    tentative: (flags & IFA_F_TENTATIVE) !== 0,
    optimistic: (flags & IFA_F_OPTIMISTIC) !== 0,
    dadFailed: (flags & IFA_F_DADFAILED) !== 0,
    deprecated: (flags & IFA_F_DEPRECATED) !== 0,
    permanent: (flags & IFA_F_PERMANENT) !== 0,
    validLifetime,
    preferredLifetime,
  };
}

/** struct ifaddrmsg (linux/if_addr.h): u8 family, u8 prefix length, u8 flags, u8 scope, u32 interface index. */
const IFADDRMSG_LENGTH = 8;

// linux/if_addr.h
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFA_LABEL = 3;
const IFA_BROADCAST = 4;
const IFA_CACHEINFO = 6;
const IFA_FLAGS = 8;

/** The same bit is IFA_F_TEMPORARY for IPv6. */
const IFA_F_SECONDARY = 0x01;
const IFA_F_OPTIMISTIC = 0x04;
const IFA_F_DADFAILED = 0x08;
const IFA_F_DEPRECATED = 0x20;
const IFA_F_TENTATIVE = 0x40;
const IFA_F_PERMANENT = 0x80;

/** INFINITY_LIFE_TIME of the kernel's net/addrconf.h. */
const FOREVER = 0xffffffff;

function lifetime(seconds: number): number {
  return seconds === FOREVER ? Number.POSITIVE_INFINITY : seconds * 1_000;
}
