import type { Libc } from './libc.js';
import type { MessageBatch } from './message-batch.js';
import { AF_INET, int32, readInt32, SOCK_CLOEXEC, SOCK_NONBLOCK, SOL_SOCKET } from './netlink-fd.js';
import { MSG_ERRQUEUE, type PacketOptions, setUpReceiving, setUpSending } from './packet-socket.js';
import { AF_INET6 } from './socket-address.js';
import { SystemCallError } from './system-call-error.js';
import { ownedByThread, type ThreadDescriptor } from './thread-descriptor.js';

/** A TCP connection on its way, of which one wants to know what the first packet meets, and no more. */
export interface HandshakeSocket {
  readonly fd: number;
  /**
   * Begins the connection.
   *
   * @param to a socket address.
   * @throws {SystemCallError} EADDRNOTAVAIL where there is a connection with the same ends.
   */
  connect(to: Uint8Array): void;
  /** The kernel's number for what has ended the handshake: 0 where nothing has, and after that it is forgotten (SO_ERROR, socket(7)). */
  error(): number;
  /** ICMP's errors. @returns how many messages of the batch were filled. */
  receiveErrors(batch: MessageBatch): number;
  /** With a reset where there is a connection, so that nothing of it is left. May be repeated. */
  close(): void;
}

/**
 * A connection that is still to be begun. The options are those of its packets: with a hop limit, a router's error ends it, and stands in the
 * error queue (net/ipv4/tcp_ipv4.c, tcp_v4_err).
 *
 * @throws {SystemCallError} EADDRINUSE where the port is listened on, EADDRNOTAVAIL where the source address is not this host's.
 */
export function openHandshake(libc: Libc, options: PacketOptions): HandshakeSocket {
  const kind = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const descriptor = ownedByThread(libc, libc.socket(options.family === 4 ? AF_INET : AF_INET6, kind, 0));
  const { fd } = descriptor;
  try {
    // The same port is used towards many targets, and again at once.
    libc.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, int32(1));
    libc.setsockopt(fd, SOL_SOCKET, SO_LINGER, LINGER_NOT_AT_ALL);
    setUpReceiving(libc, fd, options);
    setUpSending(libc, fd, options);
    return new KernelHandshakeSocket(libc, descriptor);
  } catch (error) {
    descriptor.close();
    throw error;
  }
}

class KernelHandshakeSocket implements HandshakeSocket {
  readonly fd: number;
  readonly #descriptor: ThreadDescriptor;
  readonly #libc: Libc;
  #closed = false;

  constructor(libc: Libc, descriptor: ThreadDescriptor) {
    this.fd = descriptor.fd;
    this.#descriptor = descriptor;
    this.#libc = libc;
  }

  connect(to: Uint8Array): void {
    this.#assertOpen('connect');
    this.#libc.connect(this.fd, to);
  }

  error(): number {
    this.#assertOpen('getsockopt');
    const value = new Uint8Array(4);
    this.#libc.getsockopt(this.fd, SOL_SOCKET, SO_ERROR, value);
    return readInt32(value);
  }

  receiveErrors(batch: MessageBatch): number {
    this.#assertOpen('recvmmsg');
    return batch.receive(this.fd, MSG_ERRQUEUE);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#descriptor.close();
  }

  // A closed descriptor's number is soon somebody else's.
  #assertOpen(syscall: string): void {
    if (this.#closed) throw new SystemCallError(syscall, EBADF);
  }
}

// include/linux/net.h, include/uapi/asm-generic/socket.h, include/uapi/asm-generic/errno-base.h
const SOCK_STREAM = 1;
const SO_REUSEADDR = 2;
const SO_ERROR = 4;
const SO_LINGER = 13;
const EBADF = 9;

/** struct linger: on, and 0 seconds. */
const LINGER_NOT_AT_ALL = new Uint8Array(new Int32Array([1, 0]).buffer);
