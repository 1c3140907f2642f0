import { loadNative, openReadiness } from '../../../../native/index.js';
import { formatIpv4, formatIpv6, parseIp } from '../../../../src/netlink/index.js';
import { internetChecksum } from '../../../../src/probes/ping/icmp-echo.js';
import { serveActor } from '../../../lab/index.js';

/**
 * How a router quotes the packet that it answers: its IP header and 8 bytes, as RFC 792 has it; all of it; or padded and with extensions
 * behind (RFC 4884), whose place it names or, as routers before RFC 4884 did, does not: then it is behind 128 bytes, of which there may be
 * only as much of the packet as RFC 792 has it. Or somebody has made up what was quoted.
 */
export type Quote = 'header' | 'full' | 'extended' | 'legacy' | 'padded' | 'altered';

export interface ForgedPath {
  /** What each router quotes, and last the target: how many hops there are. */
  readonly quotes: readonly Quote[];
  /** The hops that answer nothing. */
  readonly silent?: readonly number[];
  /** What follows the header of the extensions. */
  readonly extensions?: readonly number[];
  /** How often each answer is sent. @default once */
  readonly copies?: number;
  /** By how many milliseconds answers are late. @default 0 */
  readonly delay?: number;
  /** What is sent before each answer: a redirect (RFC 792), or errors whose quotes and extensions are wrong in many ways. */
  readonly before?: 'redirect' | 'noise';
  /** Answers UDP by UDP, with these bytes, in the place of an error. */
  readonly reply?: readonly number[];
}

let path: ForgedPath = { quotes: [] };

/** A host that stands for a whole path: what comes by its eth0 for others is answered as the routers of that path would. */
const actor = serveActor(() => ({
  async open(ifIndex: number): Promise<void> {
    const native = await loadNative();
    if (!native.supported) throw new Error(native.reason);
    const { libc } = native;
    const fd = libc.socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK, htons(ETH_P_ALL));
    libc.bind(fd, linkAddress(ifIndex));
    const bytes = new Uint8Array(2_048);
    const sender = new Uint8Array(SOCKADDR_LL_LENGTH);
    const readiness = openReadiness(libc);
    readiness.keepAlive('yes');
    readiness.add(fd, () => {
      for (
        let length = libc.recvfrom(fd, bytes, 0, sender);
        length !== -1;
        length = libc.recvfrom(fd, bytes, 0, sender)
      ) {
        const to = sender.slice();
        for (const answer of answersTo(bytes.slice(0, length))) {
          if (path.delay === undefined) libc.sendto(fd, answer, 0, to);
          else setTimeout(() => libc.sendto(fd, answer, 0, to), path.delay);
        }
      }
    });
  },
  /** From now on. */
  be(wanted: ForgedPath): void {
    path = wanted;
  },
}));

export type ForgingRouter = typeof actor;

/** The address of the router at a hop. */
function routerAddress(family: 4 | 6, hop: number): Uint8Array {
  return parseIp(family === 4 ? `203.0.113.${hop}` : `2001:db8:ff::${hop}`)?.bytes ?? new Uint8Array();
}

function answersTo(packet: Uint8Array): readonly Uint8Array[] {
  const family = (packet[0] ?? 0) >>> 4;
  // ARP comes by here as well.
  if (family !== 4 && family !== 6) return [];
  const answer = answerTo(packet, family);
  if (answer === undefined) return [];
  const before = path.before === 'redirect' ? [redirect(packet)] : path.before === 'noise' ? noise(packet, family) : [];
  return [...before, ...Array.from({ length: path.copies ?? 1 }, () => answer)];
}

/** As a router sends it that has forwarded the packet all the same. Only of IPv4: by IPv6 a socket does not hear of it. */
function redirect(packet: Uint8Array): Uint8Array {
  const [sender, other] = [routerAddress(4, 1), routerAddress(4, 2)];
  const message = Uint8Array.from([5, 1, 0, 0, ...other, ...packet.subarray(0, 28)]);
  return ipPacket(4, 1, sender, packet.slice(12, 16), message);
}

/** From many senders, none of which is on the path. */
function noise(packet: Uint8Array, family: 4 | 6): readonly Uint8Array[] {
  const [protocol, header, time, port] =
    family === 4 ? ([1, 20, [11, 0], [3, 3]] as const) : ([58, 40, [3, 0], [1, 4]] as const);
  const to = family === 4 ? packet.slice(12, 16) : packet.slice(8, 24);
  const of = (host: number, type: readonly number[], data: Uint8Array, length = 0): Uint8Array => {
    const message = Uint8Array.from([...type, 0, 0, 0, 0, 0, 0, ...data]);
    message[family === 4 ? 5 : 4] = length;
    return ipPacket(family, protocol, routerAddress(family, host), to, message);
  };
  const wrong = quoted(packet, 'altered', header);
  const extended = quoted(packet, 'extended', header);
  const elsewhere = packet.map((byte, at) =>
    at === header - 1 || at === header + 1 || at === header + 4 ? byte ^ 1 : byte,
  );
  return [
    of(101, time, wrong),
    of(102, port, wrong),
    // To another host, from another port, with another identifier.
    of(103, port, elsewhere),
    // Cut within a header, and nothing at all.
    of(104, time, packet.slice(0, header + 4)),
    of(105, time, packet.slice(0, header - 8)),
    of(106, time, new Uint8Array()),
    // Extensions that begin in the middle of the packet, behind its end, and with nothing that makes sense.
    of(107, time, wrong, 1),
    of(108, time, wrong, 255),
    of(
      109,
      time,
      extended.map((byte, at) => (at >= NAMED_LENGTH || at === guessed(packet, header) ? byte ^ 0x55 : byte)),
      160 / (family === 4 ? 4 : 8),
    ),
    // Types that there are not.
    of(110, [250, 7], packet),
    // A header with all options that there is room for, which end in the middle of the packet.
    ...(family === 4 ? [of(111, time, Uint8Array.from([0x4f, ...packet.subarray(1)]))] : []),
  ];
}

function answerTo(packet: Uint8Array, family: 4 | 6): Uint8Array | undefined {
  const at =
    family === 4
      ? { ttl: 8, protocol: 9, from: 12, to: 16, header: 20 }
      : { ttl: 7, protocol: 6, from: 8, to: 24, header: 40 };
  const addressLength = family === 4 ? 4 : 16;
  const [from, to] = [packet.slice(at.from, at.from + addressLength), packet.slice(at.to, at.to + addressLength)];
  const view = new DataView(to.buffer);
  const target = family === 4 ? formatIpv4(view, 0) : formatIpv6(view, 0);
  if (!TARGETS.has(target)) return undefined;
  const hop = Math.min(packet[at.ttl] ?? 0, path.quotes.length);
  const hasArrived = hop === path.quotes.length;
  if (hasArrived && path.reply !== undefined) return udpReply(family, packet.subarray(at.header), to, from, path.reply);
  const quote = path.quotes[hop - 1];
  if (quote === undefined || path.silent?.includes(hop) === true) return undefined;
  const type = family === 4 ? (hasArrived ? [3, 3] : [11, 0]) : hasArrived ? [1, 4] : [3, 0];
  const sender = hasArrived ? to : routerAddress(family, hop);
  return ipPacket(
    family,
    family === 4 ? 1 : 58,
    sender,
    from,
    icmpError(family, type, quoted(packet, quote, at.header), quote),
  );
}

/** What is asked, and nobody but this actor answers for. */
const TARGETS: ReadonlySet<string> = new Set(['198.51.100.99', '2001:db8:99::99']);

/** Bytes: another length than what is taken for it where none is named. */
const NAMED_LENGTH = 160;

function quoted(packet: Uint8Array, quote: Quote, headerLength: number): Uint8Array {
  if (quote === 'header') return packet.slice(0, headerLength + 8);
  if (quote === 'full') return packet;
  if (quote === 'altered') return packet.map((byte, at) => (at === guessed(packet, headerLength) ? byte ^ 1 : byte));
  const padded = new Uint8Array(quote === 'extended' ? NAMED_LENGTH : 128);
  padded.set(quote === 'padded' ? packet.subarray(0, headerLength + 8) : packet);
  const extensions = Uint8Array.from([0x20, 0, 0, 0, ...(path.extensions ?? [])]);
  new DataView(extensions.buffer).setUint16(2, internetChecksum(extensions, extensions.length));
  return Uint8Array.from([...padded, ...extensions]);
}

/** Where a byte is that nobody can guess: of a UDP or ICMP probe's random ones, or of TCP's sequence number. */
function guessed(packet: Uint8Array, headerLength: number): number {
  return headerLength + (packet[headerLength === 20 ? 9 : 6] === 6 ? 4 : 11);
}

function icmpError(family: 4 | 6, type: readonly number[], data: Uint8Array, quote: Quote): Uint8Array {
  const message = Uint8Array.from([...type, 0, 0, 0, 0, 0, 0, ...data]);
  // The length of the quoted packet: in words of 4 bytes, and of 8.
  if (quote === 'extended') message[family === 4 ? 5 : 4] = NAMED_LENGTH / (family === 4 ? 4 : 8);
  return message;
}

function udpReply(
  family: 4 | 6,
  request: Uint8Array,
  from: Uint8Array,
  to: Uint8Array,
  data: readonly number[],
): Uint8Array {
  const ports = [...request.subarray(2, 4), ...request.subarray(0, 2)];
  const length = 8 + data.length;
  const message = Uint8Array.from([...ports, length >>> 8, length & 0xff, 0, 0, ...data]);
  return ipPacket(family, 17, from, to, message);
}

function ipPacket(family: 4 | 6, protocol: number, from: Uint8Array, to: Uint8Array, message: Uint8Array): Uint8Array {
  const checksumAt = protocol === 17 ? 6 : 2;
  const pseudo = Uint8Array.from([
    ...from,
    ...to,
    0,
    0,
    message.length >>> 8,
    message.length & 0xff,
    0,
    0,
    0,
    protocol,
  ]);
  const summed = protocol === 1 ? message : Uint8Array.from([...pseudo, ...message]);
  new DataView(message.buffer).setUint16(checksumAt, internetChecksum(summed, summed.length));
  if (family === 6) {
    return Uint8Array.from([
      0x60,
      0,
      0,
      0,
      message.length >>> 8,
      message.length & 0xff,
      protocol,
      64,
      ...from,
      ...to,
      ...message,
    ]);
  }
  const total = 20 + message.length;
  const header = Uint8Array.from([0x45, 0, total >>> 8, total & 0xff, 0, 0, 0, 0, 64, protocol, 0, 0, ...from, ...to]);
  new DataView(header.buffer).setUint16(10, internetChecksum(header, header.length));
  return Uint8Array.from([...header, ...message]);
}

/** struct sockaddr_ll (packet(7)). */
function linkAddress(ifIndex: number): Uint8Array {
  const address = new DataView(new ArrayBuffer(SOCKADDR_LL_LENGTH));
  address.setUint16(0, AF_PACKET, true);
  address.setUint16(2, ETH_P_ALL);
  address.setInt32(4, ifIndex, true);
  return new Uint8Array(address.buffer);
}

function htons(value: number): number {
  return ((value & 0xff) << 8) | (value >>> 8);
}

// include/linux/socket.h, include/linux/net.h, include/uapi/linux/if_ether.h, if_packet.h
const AF_PACKET = 17;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0x800;
const ETH_P_ALL = 3;
const SOCKADDR_LL_LENGTH = 20;
