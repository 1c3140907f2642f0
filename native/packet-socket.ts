import type { Libc } from './libc.js';
import type { MessageBatch } from './message-batch.js';
import {
  AF_INET,
  int32,
  readInt32,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOL_SOCKET,
} from './netlink-fd.js';
import { AF_INET6, socketAddress } from './socket-address.js';
import { encodeFilter, type FilterInstruction } from './socket-filter.js';
import { SystemCallError } from './system-call-error.js';
import { ownedByThread, type ThreadDescriptor } from './thread-descriptor.js';

/** Options of a {@link PacketSocket}, which then are those of every packet of it. */
export interface PacketSocketOptions extends PacketOptions {
  /** A datagram socket asks for no privilege; where ICMP's is not permitted, a raw one needs CAP_NET_RAW. */
  readonly type: 'datagram' | 'raw';
  readonly protocol: 'icmp' | 'udp';
}

/** What packets are sent with, of whichever protocol, and what is to be told of those that come. */
export interface PacketOptions {
  readonly family: 4 | 6;
  /** Time to live, or hop limit: 1 to 255. @default the system's */
  readonly hopLimit?: number | undefined;
  /** Differentiated services code point, 0 to 63 (RFC 2474). @default 0 */
  readonly dscp?: number | undefined;
  /** Sets "don't fragment", and sends what the interface can carry whatever this host remembers of the path. @default as the system does */
  readonly dontFragment?: boolean | undefined;
  /** The address to send from: 4 or 16 bytes. @default the kernel chooses */
  readonly source?: Uint8Array | undefined;
  /** The port to send from; of ICMP's datagram socket the identifier. @default the kernel chooses */
  readonly sourcePort?: number | undefined;
  /** Asks the kernel where extensions of RFC 4884 begin in what errors quote. It says so since Linux 5.9. */
  readonly extensions?: boolean | undefined;
  /** Of IPv6: sends with flow label 0 instead of one of the kernel's choice. */
  readonly zeroFlowLabel?: boolean | undefined;
  /** The interface to send by, whatever the routes say. */
  readonly interface?: string | undefined;
  /** SO_MARK, for policy routing; needs CAP_NET_ADMIN or CAP_NET_RAW. */
  readonly mark?: number | undefined;
  /** In bytes. Without CAP_NET_ADMIN the kernel grants at most `net.core.rmem_max`. @default 4_194_304 */
  readonly receiveBuffer?: number | undefined;
}

/**
 * A socket for packets to many hosts. Packets come with the time at which the kernel received them and their hop limit; ICMP's errors come
 * from a queue of their own, so that one target's do not end what others wait for.
 */
export interface PacketSocket {
  readonly fd: number;
  /** @throws {SystemCallError} for this packet alone, EAGAIN where the send buffer is full; an error that an earlier one has left behind is not thrown. */
  send(packet: Uint8Array, to: Uint8Array): void;
  /** Forgets what an earlier packet's error has left behind: where that is likely, it costs less than to have the next call fail of it. */
  clearError(): void;
  /** @returns how many messages of the batch were filled; as long as that is not 0, there may be more. */
  receive(batch: MessageBatch): number;
  /** The same for errors. */
  receiveErrors(batch: MessageBatch): number;
  /** For the packets from now on. */
  setHopLimit(hopLimit: number): void;
  /** How many packets the kernel has dropped since the socket was opened, because nobody read them in time. */
  dropped(): number;
  /** May be repeated. */
  close(): void;
}

/**
 * @throws {SystemCallError} EACCES or EPERM where it is not permitted, ENODEV where there is no such interface, EADDRNOTAVAIL where the source
 * address is not this host's, EAFNOSUPPORT where the host has no IPv6.
 */
export function openPacketSocket(
  libc: Libc,
  options: PacketSocketOptions,
  filter?: readonly FilterInstruction[],
): PacketSocket {
  const { family, type, protocol } = options;
  const kind = (type === 'raw' ? SOCK_RAW : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const descriptor = ownedByThread(
    libc,
    libc.socket(family === 4 ? AF_INET : AF_INET6, kind, PROTOCOLS[protocol][family]),
  );
  const { fd } = descriptor;
  try {
    if (filter !== undefined) libc.attachFilter(fd, encodeFilter(filter));
    setUpReceiving(libc, fd, options);
    setUpSending(libc, fd, options);
    return new KernelPacketSocket(libc, descriptor, family);
  } catch (error) {
    descriptor.close();
    throw error;
  }
}

class KernelPacketSocket implements PacketSocket {
  readonly fd: number;
  readonly #descriptor: ThreadDescriptor;
  readonly #libc: Libc;
  readonly #family: 4 | 6;
  readonly #memory = new Uint8Array(MEMORY_INFO_LENGTH);
  readonly #error = new Uint8Array(4);
  #closed = false;

  constructor(libc: Libc, descriptor: ThreadDescriptor, family: 4 | 6) {
    this.fd = descriptor.fd;
    this.#descriptor = descriptor;
    this.#libc = libc;
    this.#family = family;
  }

  send(packet: Uint8Array, to: Uint8Array): void {
    this.#assertOpen('sendto');
    for (let attempt = 1; ; attempt += 1) {
      try {
        this.#libc.sendto(this.fd, packet, 0, to);
        return;
      } catch (error) {
        // The kernel gives an error that ICMP brought for an earlier packet to whatever is called next, once.
        if (attempt === MOST_ATTEMPTS || !isFromIcmp(error)) throw error;
      }
    }
  }

  clearError(): void {
    this.#assertOpen('getsockopt');
    this.#libc.getsockopt(this.fd, SOL_SOCKET, SO_ERROR, this.#error);
  }

  receive(batch: MessageBatch): number {
    return this.#receive(batch, 0);
  }

  receiveErrors(batch: MessageBatch): number {
    return this.#receive(batch, MSG_ERRQUEUE);
  }

  setHopLimit(hopLimit: number): void {
    this.#assertOpen('setsockopt');
    setHopLimit(this.#libc, this.fd, this.#family, hopLimit);
  }

  dropped(): number {
    this.#assertOpen('getsockopt');
    try {
      this.#libc.getsockopt(this.fd, SOL_SOCKET, SO_MEMINFO, this.#memory);
    } catch {
      // Linux before 4.12 does not say.
      return 0;
    }
    return readInt32(this.#memory.subarray(SK_MEMINFO_DROPS * 4)) >>> 0;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#descriptor.close();
  }

  #receive(batch: MessageBatch, flags: number): number {
    this.#assertOpen('recvmmsg');
    for (let attempt = 1; ; attempt += 1) {
      try {
        return batch.receive(this.fd, flags);
      } catch (error) {
        // As with sending; what it was stands in the error queue.
        if (!(error instanceof SystemCallError)) throw error;
        if (attempt === MOST_ATTEMPTS) return 0;
      }
    }
  }

  // A closed descriptor's number is soon somebody else's.
  #assertOpen(syscall: string): void {
    if (this.#closed) throw new SystemCallError(syscall, EBADF);
  }
}

/** In bytes: packets to neighbours that do not answer stay in it for seconds. */
const SEND_BUFFER = 4_194_304;

/** More errors than this in a row are taken for the packet's own. Where many arrive at once, each call may find the next one. */
const MOST_ATTEMPTS = 8;

/** What icmp_err_convert of net/ipv4/icmp.c and icmpv6_err_convert of net/ipv6/icmp.c make of ICMP's errors. */
const FROM_ICMP: ReadonlySet<string> = new Set([
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ENOPROTOOPT',
  'ECONNREFUSED',
  'EMSGSIZE',
  'EOPNOTSUPP',
  'EHOSTDOWN',
  'ENONET',
  'EACCES',
  'EPROTO',
  // ping_err of net/ipv4/ping.c, for redirects and source quenches
  'EREMOTEIO',
]);

function isFromIcmp(error: unknown): boolean {
  return error instanceof SystemCallError && FROM_ICMP.has(error.code);
}

/** Has the kernel say when packets came and with which hop limit, and keep ICMP's errors in a queue of their own. */
export function setUpReceiving(libc: Libc, fd: number, options: PacketOptions): void {
  const { family, receiveBuffer = 4_194_304, extensions } = options;
  setBuffer(libc, fd, SO_RCVBUFFORCE, SO_RCVBUF, receiveBuffer);
  libc.setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, int32(1));
  const { level, recvErr, recvHopLimit } = BY_FAMILY[family];
  libc.setsockopt(fd, level, recvErr, int32(1));
  libc.setsockopt(fd, level, recvHopLimit, int32(1));
  if (extensions === true) askForExtensions(libc, fd, family);
}

/** Of a kernel that does not know of them, none are learnt. */
function askForExtensions(libc: Libc, fd: number, family: 4 | 6): void {
  try {
    libc.setsockopt(fd, BY_FAMILY[family].level, BY_FAMILY[family].recvErrRfc4884, int32(1));
  } catch (error) {
    if (!(error instanceof SystemCallError)) throw error;
  }
}

function setBuffer(libc: Libc, fd: number, forced: number, granted: number, bytes: number): void {
  try {
    // Past rmem_max and wmem_max, but only with CAP_NET_ADMIN in the initial user namespace.
    libc.setsockopt(fd, SOL_SOCKET, forced, int32(bytes));
  } catch {
    libc.setsockopt(fd, SOL_SOCKET, granted, int32(bytes));
  }
}

/** Sets what packets are sent with. Binds the socket, where an address or a port to send from is wanted. */
export function setUpSending(libc: Libc, fd: number, options: PacketOptions): void {
  const { family, hopLimit, dscp, dontFragment, source, sourcePort, interface: device, mark } = options;
  const { level, trafficClass, mtuDiscover } = BY_FAMILY[family];
  setBuffer(libc, fd, SO_SNDBUFFORCE, SO_SNDBUF, SEND_BUFFER);
  if (hopLimit !== undefined) setHopLimit(libc, fd, family, hopLimit);
  if (dscp !== undefined) libc.setsockopt(fd, level, trafficClass, int32(dscp << 2));
  if (dontFragment === true) {
    libc.setsockopt(fd, level, mtuDiscover, int32(PMTUDISC_PROBE));
    if (family === 6) libc.setsockopt(fd, level, IPV6_DONTFRAG, int32(1));
  }
  if (family === 6 && options.zeroFlowLabel === true) libc.setsockopt(fd, level, IPV6_AUTOFLOWLABEL, int32(0));
  if (mark !== undefined) libc.setsockopt(fd, SOL_SOCKET, SO_MARK, int32(mark));
  if (device !== undefined) libc.setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, new TextEncoder().encode(`${device}\0`));
  if (source === undefined && sourcePort === undefined) return;
  // Otherwise the port would be taken of IPv4 as well.
  if (family === 6 && sourcePort !== undefined) libc.setsockopt(fd, level, IPV6_V6ONLY, int32(1));
  libc.bind(fd, socketAddress(source ?? new Uint8Array(family === 4 ? 4 : 16), sourcePort));
}

function setHopLimit(libc: Libc, fd: number, family: 4 | 6, hopLimit: number): void {
  libc.setsockopt(fd, BY_FAMILY[family].level, BY_FAMILY[family].hopLimit, int32(hopLimit));
}

// include/uapi/linux/in.h and in6.h
const PROTOCOLS = { icmp: { 4: 1, 6: 58 }, udp: { 4: 17, 6: 17 } } as const;
const BY_FAMILY = {
  4: { level: 0, trafficClass: 1, hopLimit: 2, mtuDiscover: 10, recvErr: 11, recvHopLimit: 12, recvErrRfc4884: 26 },
  6: { level: 41, trafficClass: 67, hopLimit: 16, mtuDiscover: 23, recvErr: 25, recvHopLimit: 51, recvErrRfc4884: 31 },
} as const;
const IPV6_V6ONLY = 26;
const IPV6_DONTFRAG = 62;
const IPV6_AUTOFLOWLABEL = 70;
/** The same number for both; sets "don't fragment" and ignores what path MTU is remembered. */
const PMTUDISC_PROBE = 3;

// include/uapi/asm-generic/socket.h, include/linux/socket.h, include/uapi/linux/sock_diag.h, include/uapi/asm-generic/errno-base.h
const SO_ERROR = 4;
const SO_SNDBUF = 7;
const SO_BINDTODEVICE = 25;
const SO_SNDBUFFORCE = 32;
const SO_TIMESTAMPNS = 35;
const SO_MARK = 36;
const SO_MEMINFO = 55;
const SK_MEMINFO_DROPS = 8;
const MEMORY_INFO_LENGTH = 9 * 4;
export const MSG_ERRQUEUE = 0x2000;
const EBADF = 9;
