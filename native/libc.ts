import { SO_ATTACH_FILTER, SOL_SOCKET } from './netlink-fd.js';
import { INSTRUCTION_LENGTH } from './socket-filter.js';
import { SystemCallError } from './system-call-error.js';

/**
 * The C library's socket calls, each checked: a return value of −1 throws a {@link SystemCallError}.
 *
 * Buffers are handed to the kernel in place. Every call that writes into one takes its length from the buffer itself, so that no caller can
 * make the kernel write past its end.
 */
export interface Libc {
  /** socket(2). @returns the descriptor. */
  socket(domain: number, type: number, protocol: number): number;
  /** bind(2). */
  bind(fd: number, address: Uint8Array): void;
  /** connect(2). Of a non-blocking stream socket it has only begun when this returns (EINPROGRESS). */
  connect(fd: number, address: Uint8Array): void;
  /** setsockopt(2). */
  setsockopt(fd: number, level: number, option: number, value: Uint8Array): void;
  /**
   * Sets SO_ATTACH_FILTER, whose value points to the program instead of holding it.
   *
   * @param program as `encodeFilter` makes it; the kernel copies it.
   */
  attachFilter(fd: number, program: Uint8Array): void;
  /** @returns the number of bytes that the kernel wrote into `value`. */
  getsockopt(fd: number, level: number, option: number, value: Uint8Array): number;
  /** send(2). @returns how many bytes were taken. */
  send(fd: number, bytes: Uint8Array, flags: number): number;
  /**
   * Receives one datagram and its sender's address.
   *
   * @returns the datagram's length, which with MSG_TRUNC may be more than fitted; −1 when there is nothing to read (EAGAIN).
   */
  recvfrom(fd: number, bytes: Uint8Array, flags: number, sender: Uint8Array): number;
  /** sendto(2). @returns how many bytes were taken. */
  sendto(fd: number, bytes: Uint8Array, flags: number, address: Uint8Array): number;
  /**
   * recvmmsg(2), with a limit of no time.
   *
   * @param headers of `struct mmsghdr`, which point to where else the kernel writes: `MessageBatch` makes them.
   * @returns how many messages were received; 0 when there is nothing to read (EAGAIN).
   */
  recvmmsg(fd: number, headers: Uint8Array, count: number, flags: number): number;
  /** epoll_create1(2). @returns the descriptor. */
  epollCreate(): number;
  /** epoll_ctl(2). */
  epollCtl(epollFd: number, operation: number, fd: number, event: Uint8Array): void;
  /** epoll_wait(2), without waiting. @returns how many of the events were filled. */
  epollPoll(epollFd: number, events: Uint8Array, count: number): number;
  /** clock_gettime(2), into a `struct timespec`. */
  readClock(clock: number, timespec: Uint8Array): void;
  /** Where an array's bytes are in memory. They have to be outside of V8's heap, where none of more than 64 bytes is. */
  addressOf(bytes: Uint8Array): bigint;
  /** Waits until the descriptor is readable. @returns false when the time is over first. */
  pollReadable(fd: number, timeoutMs: number): boolean;
  /** dup3(2). */
  dup3(from: number, to: number, flags: number): void;
  /** close(2). */
  close(fd: number): void;
}

/**
 * The C library's functions as a foreign function interface binds them: numbers and buffers in, and −1 out when a call failed. Buffers are
 * handed over in place.
 */
export interface LibcCalls {
  socket(domain: number, type: number, protocol: number): number;
  bind(fd: number, address: Uint8Array, length: number): number;
  connect(fd: number, address: Uint8Array, length: number): number;
  setsockopt(fd: number, level: number, option: number, value: Uint8Array, length: number): number;
  /** `setsockopt` with a `struct sock_fprog` (include/uapi/linux/filter.h): a count of instructions and a pointer to them. */
  setsockoptFilter(fd: number, level: number, option: number, program: Uint8Array, count: number): number;
  getsockopt(fd: number, level: number, option: number, value: Uint8Array, length: Uint8Array): number;
  send(fd: number, bytes: Uint8Array, length: number, flags: number): number;
  recvfrom(
    fd: number,
    bytes: Uint8Array,
    length: number,
    flags: number,
    sender: Uint8Array,
    senderLength: Uint8Array,
  ): number;
  sendto(
    fd: number,
    bytes: Uint8Array,
    length: number,
    flags: number,
    address: Uint8Array,
    addressLength: number,
  ): number;
  recvmmsg(fd: number, headers: Uint8Array, count: number, flags: number, timeout: null): number;
  epoll_create1(flags: number): number;
  epoll_ctl(epollFd: number, operation: number, fd: number, event: Uint8Array): number;
  epoll_wait(epollFd: number, events: Uint8Array, count: number, timeoutMs: number): number;
  clock_gettime(clock: number, timespec: Uint8Array): number;
  addressOf(bytes: Uint8Array): bigint;
  poll(fds: Uint8Array, count: number, timeoutMs: number): number;
  dup3(from: number, to: number, flags: number): number;
  close(fd: number): number;
  /** Of the call before, when that returned −1. */
  errno(): number;
}

export function checkedLibc(calls: LibcCalls): Libc {
  const checked = (syscall: string, result: number): number => {
    if (result === -1) throw new SystemCallError(syscall, calls.errno());
    return result;
  };
  /** Repeats a call that a signal has interrupted; 0 where it would have to wait. */
  const orNothing = (syscall: string, call: () => number): number => {
    for (;;) {
      const result = call();
      if (result !== -1) return result;
      const errno = calls.errno();
      if (errno === EAGAIN) return 0;
      if (errno !== EINTR) throw new SystemCallError(syscall, errno);
    }
  };
  const length = new Uint32Array(1);
  const lengthBytes = new Uint8Array(length.buffer);
  const pollFd = new DataView(new ArrayBuffer(8));
  const pollFdBytes = new Uint8Array(pollFd.buffer);

  return {
    socket: (domain, type, protocol) => checked('socket', calls.socket(domain, type, protocol)),
    bind: (fd, address) => {
      checked('bind', calls.bind(fd, address, address.byteLength));
    },
    connect: (fd, address) => {
      if (calls.connect(fd, address, address.byteLength) !== -1) return;
      const errno = calls.errno();
      // Interrupted by a signal, it goes on all the same (connect(2)).
      if (errno !== EINPROGRESS && errno !== EINTR) throw new SystemCallError('connect', errno);
    },
    setsockopt: (fd, level, option, value) => {
      checked('setsockopt', calls.setsockopt(fd, level, option, value, value.byteLength));
    },
    attachFilter: (fd, program) => {
      // Whole instructions only, so that the kernel reads none beyond the program's end.
      const count = Math.floor(program.byteLength / INSTRUCTION_LENGTH);
      checked('setsockopt', calls.setsockoptFilter(fd, SOL_SOCKET, SO_ATTACH_FILTER, program, count));
    },
    getsockopt: (fd, level, option, value) => {
      length[0] = value.byteLength;
      checked('getsockopt', calls.getsockopt(fd, level, option, value, lengthBytes));
      return length[0];
    },
    send: (fd, bytes, flags) => checked('send', calls.send(fd, bytes, bytes.byteLength, flags)),
    recvfrom: (fd, bytes, flags, sender) => {
      for (;;) {
        length[0] = sender.byteLength;
        const received = calls.recvfrom(fd, bytes, bytes.byteLength, flags, sender, lengthBytes);
        if (received !== -1) return received;
        const errno = calls.errno();
        if (errno === EAGAIN) return -1;
        if (errno !== EINTR) throw new SystemCallError('recvfrom', errno);
      }
    },
    sendto: (fd, bytes, flags, address) =>
      checked('sendto', calls.sendto(fd, bytes, bytes.byteLength, flags, address, address.byteLength)),
    recvmmsg: (fd, headers, count, flags) =>
      orNothing('recvmmsg', () => calls.recvmmsg(fd, headers, count, flags, null)),
    epollCreate: () => checked('epoll_create1', calls.epoll_create1(EPOLL_CLOEXEC)),
    epollCtl: (epollFd, operation, fd, event) => {
      checked('epoll_ctl', calls.epoll_ctl(epollFd, operation, fd, event));
    },
    epollPoll: (epollFd, events, count) => orNothing('epoll_wait', () => calls.epoll_wait(epollFd, events, count, 0)),
    readClock: (clock, timespec) => {
      checked('clock_gettime', calls.clock_gettime(clock, timespec));
    },
    addressOf: calls.addressOf,
    pollReadable: (fd, timeoutMs) => {
      pollFd.setInt32(0, fd, LITTLE_ENDIAN);
      pollFd.setInt16(4, POLLIN, LITTLE_ENDIAN);
      for (;;) {
        const ready = calls.poll(pollFdBytes, 1, timeoutMs);
        if (ready !== -1) return ready > 0;
        const errno = calls.errno();
        if (errno !== EINTR) throw new SystemCallError('poll', errno);
      }
    },
    dup3: (from, to, flags) => {
      checked('dup3', calls.dup3(from, to, flags));
    },
    close: (fd) => {
      checked('close', calls.close(fd));
    },
  };
}

/** Native byte order, for the C structs that are filled in here. */
const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

// include/uapi/asm-generic/errno-base.h, errno.h and poll.h, include/uapi/linux/eventpoll.h
const EINTR = 4;
const EAGAIN = 11;
const EINPROGRESS = 115;
const POLLIN = 1;
const EPOLL_CLOEXEC = 0x8_0000;
