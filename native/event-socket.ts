import type { Socket } from 'node:dgram';
import { adoptDescriptor } from './adopt-descriptor.js';
import type { Libc } from './libc.js';
import {
  closeOnThrow,
  int32,
  NETLINK_ADD_MEMBERSHIP,
  openNetlinkFd,
  readInt32,
  SO_DETACH_FILTER,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SOCKADDR_NL_LENGTH,
  SOL_NETLINK,
  SOL_SOCKET,
} from './netlink-fd.js';
import { encodeFilter, type FilterInstruction } from './socket-filter.js';
import { SystemCallError } from './system-call-error.js';

/** What an {@link EventSocket} calls; always from the event loop, never from within `openEventSocket`. */
export interface EventSocketHandlers {
  /** One datagram, which may hold several messages. The bytes belong to the receiver. */
  onDatagram(bytes: Uint8Array): void;
  /** The kernel had to drop messages because nobody read them in time (ENOBUFS). The socket goes on. */
  onOverrun(): void;
  /** Reading failed in another way. */
  onError(error: Error): void;
}

export interface EventSocketOptions {
  /** The rtnetlink multicast groups to join, as numbers of `enum rtnetlink_groups`. */
  readonly groups: readonly number[];
  /**
   * The receive buffer to ask for, in bytes. Without CAP_NET_ADMIN the kernel grants at most `net.core.rmem_max`.
   *
   * @default 4_194_304
   */
  readonly receiveBuffer?: number;
  /**
   * Whether the open socket keeps the process alive.
   *
   * @default false
   */
  readonly keepAlive?: boolean;
}

/** A netlink socket in the event loop. */
export interface EventSocket {
  /** The receive buffer that the kernel granted, in bytes; it counts its own bookkeeping, so about half holds messages. */
  readonly receiveBuffer: number;
  /**
   * Hands over, within this call, what has been received and not yet been handed over; of a flood only the first part.
   *
   * @returns whether there was anything.
   */
  catchUp(): boolean;
  /** Throws away what has been received and not yet been handed over. To be followed by asking the kernel for everything anew. */
  drain(): void;
  /**
   * Has the kernel run a classic BPF program over every datagram before it is queued, in the place of the program that was there. What the
   * program returns 0 for is dropped, and wakes nobody.
   *
   * @throws {SystemCallError} when the kernel refuses: EINVAL for a program that is none, ENOMEM for one that is larger than
   * `net.core.optmem_max` allows. The program that was there before stays.
   */
  attachFilter(instructions: readonly FilterInstruction[]): void;
  /** Lets every datagram pass again. May be repeated. */
  detachFilter(): void;
  /** Closes the socket; nothing is called afterwards. May be repeated. */
  close(): void;
}

const DEFAULT_RECEIVE_BUFFER = 4 * 1024 * 1024;

/**
 * Opens a netlink socket that libuv itself watches: no thread, no polling, one callback a datagram. See `adoptDescriptor`.
 *
 * @throws {SystemCallError} when the kernel refuses, such as EAFNOSUPPORT under a seccomp profile without netlink.
 */
export function openEventSocket(libc: Libc, options: EventSocketOptions, handlers: EventSocketHandlers): EventSocket {
  const netlinkFd = openNetlinkFd(libc);
  return closeOnThrow(libc, netlinkFd, () => {
    const receiveBuffer = enlargeReceiveBuffer(libc, netlinkFd, options.receiveBuffer ?? DEFAULT_RECEIVE_BUFFER);
    for (const group of options.groups) {
      libc.setsockopt(netlinkFd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, int32(group));
    }
    const { socket, fd } = adoptDescriptor(libc, netlinkFd);
    listen(socket, handlers);
    if (options.keepAlive !== true) socket.unref();
    libc.close(netlinkFd);
    let closed = false;
    return {
      receiveBuffer,
      catchUp: () => !closed && catchUp(libc, fd, handlers, () => closed),
      drain: () => {
        if (!closed) drain(libc, fd);
      },
      attachFilter: (instructions) => {
        if (!closed) libc.attachFilter(fd, encodeFilter(instructions));
      },
      detachFilter: () => {
        if (!closed) detachFilter(libc, fd);
      },
      close: () => {
        if (closed) return;
        closed = true;
        socket.removeAllListeners('message').removeAllListeners('error').on('error', ignore);
        socket.close();
      },
    };
  });
}

function listen(socket: Socket, handlers: EventSocketHandlers): void {
  socket.on('message', (bytes) => handlers.onDatagram(bytes));
  socket.on('error', (error) => {
    if ('code' in error && error.code === 'ENOBUFS') handlers.onOverrun();
    else handlers.onError(error);
  });
}

function enlargeReceiveBuffer(libc: Libc, fd: number, bytes: number): number {
  try {
    // Past rmem_max, but only with CAP_NET_ADMIN in the initial user namespace.
    libc.setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, int32(bytes));
  } catch {
    libc.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, int32(bytes));
  }
  const effective = new Uint8Array(4);
  libc.getsockopt(fd, SOL_SOCKET, SO_RCVBUF, effective);
  return readInt32(effective);
}

/** More than the largest buffer holds; a bound, so that a kernel which sends faster than we read cannot keep us here. */
const MOST_DRAINED = 100_000;

// include/linux/socket.h
const MSG_DONTWAIT = 0x40;

/** A bound, as above; what is left comes from the event loop. */
const MOST_CAUGHT_UP = 256;

/** libuv reads datagrams of at most this size as well; the kernel's are at most half as long (NLMSG_GOODSIZE and the largest dump). */
const DATAGRAM_LENGTH = 65_536;

let catchUpBuffer: Uint8Array | undefined;

function catchUp(libc: Libc, fd: number, handlers: EventSocketHandlers, isClosed: () => boolean): boolean {
  catchUpBuffer ??= new Uint8Array(DATAGRAM_LENGTH);
  const sender = new Uint8Array(SOCKADDR_NL_LENGTH);
  for (let count = 0; count < MOST_CAUGHT_UP; count += 1) {
    // A handler may close the socket.
    if (isClosed()) return true;
    try {
      const length = libc.recvfrom(fd, catchUpBuffer, MSG_DONTWAIT, sender);
      if (length === -1) return count > 0;
      handlers.onDatagram(catchUpBuffer.slice(0, length));
    } catch (error) {
      if (!(error instanceof SystemCallError)) throw error;
      if (error.code === 'ENOBUFS') handlers.onOverrun();
      else handlers.onError(error);
    }
  }
  return true;
}

function drain(libc: Libc, fd: number): void {
  // Too small for any message: what does not fit is dropped by the kernel, which is what is wanted.
  const bytes = new Uint8Array(1);
  const sender = new Uint8Array(SOCKADDR_NL_LENGTH);
  for (let count = 0; count < MOST_DRAINED; count += 1) {
    try {
      if (libc.recvfrom(fd, bytes, MSG_DONTWAIT, sender) === -1) return;
    } catch (error) {
      // The overrun itself is reported once, in the place of a datagram.
      if (!(error instanceof SystemCallError && error.code === 'ENOBUFS')) throw error;
    }
  }
}

function detachFilter(libc: Libc, fd: number): void {
  try {
    libc.setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, int32(0));
  } catch (error) {
    // ENOENT: there is none.
    if (!(error instanceof SystemCallError && error.code === 'ENOENT')) throw error;
  }
}

function ignore(): void {}
