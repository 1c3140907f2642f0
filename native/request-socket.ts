import type { Libc } from './libc.js';
import {
  closeOnThrow,
  int32,
  NETLINK_EXT_ACK,
  NETLINK_GET_STRICT_CHK,
  openNetlinkFd,
  readInt32,
  SOCKADDR_NL_LENGTH,
  SOL_NETLINK,
} from './netlink-fd.js';
import { SystemCallError } from './system-call-error.js';

/**
 * A synchronous netlink socket for questions and dumps. The kernel answers within the `send` itself, so nothing is waited for in practice:
 * a route look-up takes some microseconds.
 */
export interface RequestSocket {
  send(request: Uint8Array): void;
  /**
   * The next datagram from the kernel: a view that is valid until the next call.
   *
   * @throws {SystemCallError} ETIMEDOUT when nothing comes within a second; EMSGSIZE when a datagram was larger than the buffer.
   */
  receive(): Uint8Array;
  /** Closes the socket. May be repeated. */
  close(): void;
}

/** The kernel builds dump datagrams of at most 32 KiB (`NLMSG_GOODSIZE` in netlink_dump); twice that leaves room. */
const BUFFER_LENGTH = 64 * 1024;

/** Far beyond any answer seen; a bound, so that a fault in the kernel's answer cannot block the event loop for ever. */
const ANSWER_TIMEOUT_MS = 1000;

// include/linux/socket.h, include/uapi/asm-generic/errno.h
const MSG_TRUNC = 0x20;
const MSG_DONTWAIT = 0x40;
const EBADF = 9;
const EMSGSIZE = 90;
const ETIMEDOUT = 110;

/** @throws {SystemCallError} when the kernel refuses. */
export function openRequestSocket(libc: Libc): RequestSocket {
  const fd = openNetlinkFd(libc);
  return closeOnThrow(libc, fd, () => {
    enableWhereKnown(libc, fd, NETLINK_EXT_ACK);
    enableWhereKnown(libc, fd, NETLINK_GET_STRICT_CHK);
    return new NetlinkRequestSocket(libc, fd);
  });
}

/** Kernels before 4.12 and 4.20 know these options not, and then simply answer with less detail or with more messages. */
function enableWhereKnown(libc: Libc, fd: number, option: number): void {
  try {
    libc.setsockopt(fd, SOL_NETLINK, option, int32(1));
  } catch {
    // ENOPROTOOPT
  }
}

class NetlinkRequestSocket implements RequestSocket {
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #buffer = new Uint8Array(BUFFER_LENGTH);
  readonly #sender = new Uint8Array(SOCKADDR_NL_LENGTH);
  #closed = false;

  constructor(libc: Libc, fd: number) {
    this.#libc = libc;
    this.#fd = fd;
  }

  send(request: Uint8Array): void {
    this.#assertOpen('send');
    this.#libc.send(this.#fd, request, 0);
  }

  receive(): Uint8Array {
    this.#assertOpen('recvfrom');
    for (;;) {
      const length = this.#libc.recvfrom(this.#fd, this.#buffer, MSG_DONTWAIT | MSG_TRUNC, this.#sender);
      if (length === -1) {
        if (!this.#libc.pollReadable(this.#fd, ANSWER_TIMEOUT_MS)) throw new SystemCallError('recvfrom', ETIMEDOUT);
      } else if (this.#isFromKernel()) {
        if (length > BUFFER_LENGTH) throw new SystemCallError('recvfrom', EMSGSIZE);
        return this.#buffer.subarray(0, length);
      }
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#libc.close(this.#fd);
  }

  /** Any process may send to a netlink port; only port id 0 is the kernel (netlink(7)). */
  #isFromKernel(): boolean {
    return readInt32(this.#sender.subarray(4, 8)) === 0;
  }

  // A closed descriptor's number is soon somebody else's: using it would read another socket's data.
  #assertOpen(syscall: string): void {
    if (this.#closed) throw new SystemCallError(syscall, EBADF);
  }
}
