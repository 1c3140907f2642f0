import { endianness } from 'node:os';
import { formatIpv4, formatIpv6 } from '../netlink/index.js';

/** A route as /proc/net shows it: no next hops beyond the first, no preferred source, and not the table that it stands in. */
export interface ProcRoute {
  /** Of IPv4 4 bytes, of IPv6 16. */
  readonly prefix: Uint8Array;
  readonly prefixLength: number;
  /** The interface's name; undefined where the route leads over none. */
  readonly device: string | undefined;
  readonly gateway: string | undefined;
  readonly metric: number;
  /** `local`: to this host itself. `reject`: blackhole, unreachable, prohibit or throw. */
  readonly kind: 'unicast' | 'local' | 'reject';
}

/** An address of an interface as /proc/net/if_inet6 shows it. */
export interface ProcAddress6 {
  readonly ifIndex: number;
  readonly device: string;
  readonly address: string;
  readonly prefixLength: number;
  readonly scope: 'global' | 'link' | 'host' | 'site' | 'unknown';
  /** Without a lifetime, and so likely to stay. */
  readonly permanent: boolean;
  /** Known to be unique. */
  readonly usable: boolean;
}

/** What /proc/net/dev counts of an interface. */
export interface DeviceCounters {
  readonly rxBytes: number;
  readonly rxPackets: number;
  readonly txBytes: number;
  readonly txPackets: number;
}

/**
 * Parses /proc/net/route: the main table of IPv4 (fib_route_seq_show of net/ipv4/fib_trie.c). Addresses are printed as the number that their
 * four bytes are on this machine.
 *
 * @throws {Error} when it does not look as it does on Linux: a route that is overlooked would be an outage that there is none of.
 */
export function parseRoutes4(text: string): readonly ProcRoute[] {
  // Without a main table the kernel leaves the heading out as well.
  return linesOf(text)
    .slice(1)
    .map((line) => {
      const match = ROUTE4.exec(line);
      if (match === null) throw new Error(`/proc/net/route has a line that is not understood: ${line}`);
      const [, device = '', destination = '', gateway = '', flags = '', metric = '', mask = ''] = match;
      const bits = Number.parseInt(flags, 16);
      // Blackhole and throw have no device, and no flag that would tell (fib_flag_trans).
      const rejects = (bits & RTF_REJECT) !== 0 || device === '*';
      return {
        prefix: ipv4Bytes(destination),
        prefixLength: onesOf(ipv4Bytes(mask)),
        device: device === '*' ? undefined : device,
        gateway: (bits & RTF_GATEWAY) !== 0 ? formatIpv4(viewOf(ipv4Bytes(gateway)), 0) : undefined,
        metric: Number(metric),
        kind: rejects ? 'reject' : 'unicast',
      };
    });
}

/** Interface, destination, gateway, flags, references, use, metric, mask; then MTU, window and IRTT. */
const ROUTE4 = /^(\S+)\t([\dA-F]{8})\t([\dA-F]{8})\t([\dA-F]{4})\t\d+\t\d+\t(\d+)\t([\dA-F]{8})\t/;

/**
 * Parses /proc/net/ipv6_route: all tables of IPv6, one after another and without their names (rt6_info_route of net/ipv6/ip6_fib.c).
 *
 * @throws {Error} when it does not look as it does on Linux.
 */
export function parseRoutes6(text: string): readonly ProcRoute[] {
  return linesOf(text).map((line) => {
    const match = ROUTE6.exec(line);
    if (match === null) throw new Error(`/proc/net/ipv6_route has a line that is not understood: ${line}`);
    const [, prefix = '', prefixLength = '', gateway = '', metric = '', flags = '', device = ''] = match;
    const bits = Number.parseInt(flags, 16);
    return {
      prefix: hexBytes(prefix),
      prefixLength: Number.parseInt(prefixLength, 16),
      device,
      gateway: (bits & RTF_GATEWAY) !== 0 ? formatIpv6(viewOf(hexBytes(gateway)), 0) : undefined,
      metric: Number.parseInt(metric, 16),
      kind: kindOf6(bits),
    };
  });
}

/** Destination, its length, source, its length, next hop, metric, references, use, flags, interface. */
const ROUTE6 =
  /^([\da-f]{32}) ([\da-f]{2}) [\da-f]{32} [\da-f]{2} ([\da-f]{32}) ([\da-f]{8}) [\da-f]{8} [\da-f]{8} ([\da-f]{8}) +(\S+)$/;

function kindOf6(flags: number): ProcRoute['kind'] {
  if ((flags & RTF_REJECT) !== 0) return 'reject';
  return (flags & (RTF_LOCAL | RTF_ANYCAST)) !== 0 ? 'local' : 'unicast';
}

// include/uapi/linux/route.h, ipv6_route.h
const RTF_GATEWAY = 0x2;
const RTF_REJECT = 0x200;
const RTF_ANYCAST = 0x10_0000;
const RTF_LOCAL = 0x8000_0000;

/**
 * Whether IPv4 has routes in tables of its own beside "main" and "local", by /proc/net/fib_triestat: then rules may send packets by tables
 * that /proc does not show in full.
 */
export function hasOtherTables(fibTrieStat: string): boolean {
  return [...fibTrieStat.matchAll(/^Id \d+:\n(?:\t.*\n)*?\tLeaves: +(\d+)$/gm)].some(([, leaves]) => leaves !== '0');
}

/** The IPv4 addresses of this host, by /proc/net/fib_trie, which does not say of which interface. */
export function parseLocalAddresses4(fibTrie: string): readonly string[] {
  const all = [...fibTrie.matchAll(/\|-- ([\d.]+)\n(?: +\/\d.*\n)*? +\/32 host LOCAL$/gm)].map(
    ([, address = '']) => address,
  );
  // Where there are no rules, "main" and "local" are one table that is shown twice.
  return [...new Set(all)];
}

/** Parses /proc/net/if_inet6. */
export function parseAddresses6(text: string): readonly ProcAddress6[] {
  return linesOf(text).map((line) => {
    const match = ADDRESS6.exec(line);
    if (match === null) throw new Error(`/proc/net/if_inet6 has a line that is not understood: ${line}`);
    const [, address = '', ifIndex = '', prefixLength = '', scope = '', flags = '', device = ''] = match;
    const bits = Number.parseInt(flags, 16);
    const optimistic = (bits & IFA_F_OPTIMISTIC) !== 0;
    return {
      ifIndex: Number.parseInt(ifIndex, 16),
      device,
      address: formatIpv6(viewOf(hexBytes(address)), 0),
      prefixLength: Number.parseInt(prefixLength, 16),
      scope: SCOPES6.get(Number.parseInt(scope, 16) & SCOPE_MASK) ?? 'unknown',
      permanent: (bits & IFA_F_PERMANENT) !== 0,
      usable: (bits & IFA_F_DADFAILED) === 0 && ((bits & IFA_F_TENTATIVE) === 0 || optimistic),
    };
  });
}

/** Address, interface index, length of the prefix, scope, flags, interface; all numbers in hexadecimal. */
const ADDRESS6 = /^([\da-f]{32}) ([\da-f]{2,}) ([\da-f]{2}) ([\da-f]{2}) ([\da-f]{2}) +(\S+)$/;

// include/net/ipv6.h
const SCOPE_MASK = 0xf0;
const SCOPES6: ReadonlyMap<number, ProcAddress6['scope']> = new Map([
  [0x00, 'global'],
  [0x10, 'host'],
  [0x20, 'link'],
  [0x40, 'site'],
]);

// include/uapi/linux/if_addr.h
const IFA_F_OPTIMISTIC = 0x04;
const IFA_F_DADFAILED = 0x08;
const IFA_F_TENTATIVE = 0x40;
const IFA_F_PERMANENT = 0x80;

/** Parses /proc/net/dev: two lines of headings, then `name: 8 receive counters, 8 transmit counters`. */
export function parseDevices(text: string): ReadonlyMap<string, DeviceCounters> {
  const devices = linesOf(text)
    .slice(2)
    .map((line) => {
      const [name = '', counters = ''] = line.split(':');
      const [rxBytes = 0, rxPackets = 0, , , , , , , txBytes = 0, txPackets = 0] = counters
        .trim()
        .split(/\s+/)
        .map(Number);
      return [name.trim(), { rxBytes, rxPackets, txBytes, txPackets }] as const;
    });
  return new Map(devices);
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}

function ipv4Bytes(number: string): Uint8Array {
  const bytes = hexBytes(number);
  return endianness() === 'LE' ? bytes.reverse() : bytes;
}

function hexBytes(digits: string): Uint8Array {
  return new Uint8Array(Buffer.from(digits, 'hex'));
}

function onesOf(mask: Uint8Array): number {
  return [...mask].reduce((ones, byte) => ones + byte.toString(2).replaceAll('0', '').length, 0);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
