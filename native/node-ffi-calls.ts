import type { LibcCalls } from './libc.js';

/**
 * The C library by `node:ffi`, which Node.js has since 26.1 (there behind `--experimental-ffi`) and warns of as experimental.
 *
 * @throws {Error} when this Node.js has none, may not use it, or has one that does not do what is needed here.
 */
export function loadNodeFfiCalls(): LibcCalls {
  if (NARROW.has(process.arch)) throw new Error(`it is not used on ${process.arch}, where a pointer has 32 bits`);
  const ffi = process.getBuiltinModule('node:ffi');
  if (!isNodeFfi(ffi)) throw new Error(`Node.js ${process.versions.node} has none`);
  const calls = bind(ffi);
  // The interface is still changing: it is to prove that it calls, and that errno arrives.
  if (calls.close(-1) !== -1 || calls.errno() !== EBADF) throw new Error('it does not tell errno');
  return calls;
}

const NARROW: ReadonlySet<string> = new Set(['arm', 'ia32', 'mips', 'mipsel']);

// include/uapi/asm-generic/errno-base.h
const EBADF = 9;

/** The part of `node:ffi` that is used here. */
interface NodeFfi {
  dlopen(path: null, definitions: typeof DEFINITIONS): { readonly functions: Functions };
  getInt32(pointer: bigint): number;
  getRawPointer(bytes: Uint8Array): bigint;
}

function isNodeFfi(ffi: object | undefined): ffi is NodeFfi {
  return ffi !== undefined && ['dlopen', 'getInt32', 'getRawPointer'].every((name) => name in ffi);
}

// size_t, ssize_t and nfds_t have 64 bits, which come and go as BigInt. A buffer is passed as a pointer to its bytes.
const DEFINITIONS = {
  socket: { return: 'int32', arguments: ['int32', 'int32', 'int32'] },
  bind: { return: 'int32', arguments: ['int32', 'buffer', 'uint32'] },
  connect: { return: 'int32', arguments: ['int32', 'buffer', 'uint32'] },
  setsockopt: { return: 'int32', arguments: ['int32', 'int32', 'int32', 'buffer', 'uint32'] },
  getsockopt: { return: 'int32', arguments: ['int32', 'int32', 'int32', 'buffer', 'buffer'] },
  send: { return: 'int64', arguments: ['int32', 'buffer', 'uint64', 'int32'] },
  recvfrom: { return: 'int64', arguments: ['int32', 'buffer', 'uint64', 'int32', 'buffer', 'buffer'] },
  sendto: { return: 'int64', arguments: ['int32', 'buffer', 'uint64', 'int32', 'buffer', 'uint32'] },
  recvmmsg: { return: 'int32', arguments: ['int32', 'buffer', 'uint32', 'int32', 'pointer'] },
  epoll_create1: { return: 'int32', arguments: ['int32'] },
  epoll_ctl: { return: 'int32', arguments: ['int32', 'int32', 'int32', 'buffer'] },
  epoll_wait: { return: 'int32', arguments: ['int32', 'buffer', 'int32', 'int32'] },
  clock_gettime: { return: 'int32', arguments: ['int32', 'buffer'] },
  poll: { return: 'int32', arguments: ['buffer', 'uint64', 'int32'] },
  dup3: { return: 'int32', arguments: ['int32', 'int32', 'int32'] },
  close: { return: 'int32', arguments: ['int32'] },
  __errno_location: { return: 'pointer', arguments: [] },
} as const;

/** What `dlopen` makes of the definitions. */
interface Functions {
  socket(domain: number, type: number, protocol: number): number;
  bind(fd: number, address: Uint8Array, length: number): number;
  connect(fd: number, address: Uint8Array, length: number): number;
  setsockopt(fd: number, level: number, option: number, value: Uint8Array, length: number): number;
  getsockopt(fd: number, level: number, option: number, value: Uint8Array, length: Uint8Array): number;
  send(fd: number, bytes: Uint8Array, length: bigint, flags: number): bigint;
  recvfrom(
    fd: number,
    bytes: Uint8Array,
    length: bigint,
    flags: number,
    sender: Uint8Array,
    senderLength: Uint8Array,
  ): bigint;
  sendto(
    fd: number,
    bytes: Uint8Array,
    length: bigint,
    flags: number,
    address: Uint8Array,
    addressLength: number,
  ): bigint;
  recvmmsg(fd: number, headers: Uint8Array, count: number, flags: number, timeout: null): number;
  epoll_create1(flags: number): number;
  epoll_ctl(epollFd: number, operation: number, fd: number, event: Uint8Array): number;
  epoll_wait(epollFd: number, events: Uint8Array, count: number, timeoutMs: number): number;
  clock_gettime(clock: number, timespec: Uint8Array): number;
  poll(fds: Uint8Array, count: bigint, timeoutMs: number): number;
  dup3(from: number, to: number, flags: number): number;
  close(fd: number): number;
  __errno_location(): bigint;
}

function bind(ffi: NodeFfi): LibcCalls {
  const { functions } = ffi.dlopen(null, DEFINITIONS);
  // Each thread has its own. Asked for once: a call more after a failed one could be what changes it.
  const errno = functions.__errno_location();
  let kept: Uint8Array | undefined;
  return {
    socket: functions.socket,
    bind: functions.bind,
    connect: functions.connect,
    setsockopt: functions.setsockopt,
    setsockoptFilter: (fd, level, option, program, count) => {
      // A bare pointer does not keep the bytes behind it from being collected; this does.
      kept = program;
      const value = filterProgram(count, ffi.getRawPointer(kept));
      const result = functions.setsockopt(fd, level, option, value, value.byteLength);
      kept = undefined;
      return result;
    },
    getsockopt: functions.getsockopt,
    send: (fd, bytes, length, flags) => Number(functions.send(fd, bytes, BigInt(length), flags)),
    recvfrom: (fd, bytes, length, flags, sender, senderLength) =>
      Number(functions.recvfrom(fd, bytes, BigInt(length), flags, sender, senderLength)),
    sendto: (fd, bytes, length, flags, address, addressLength) =>
      Number(functions.sendto(fd, bytes, BigInt(length), flags, address, addressLength)),
    recvmmsg: functions.recvmmsg,
    epoll_create1: functions.epoll_create1,
    epoll_ctl: functions.epoll_ctl,
    epoll_wait: functions.epoll_wait,
    clock_gettime: functions.clock_gettime,
    addressOf: (bytes) => ffi.getRawPointer(bytes),
    poll: (fds, count, timeoutMs) => functions.poll(fds, BigInt(count), timeoutMs),
    dup3: functions.dup3,
    close: functions.close,
    errno: () => ffi.getInt32(errno),
  };
}

/** struct sock_fprog of include/uapi/linux/filter.h: a u16, and at the next place for a pointer one to the instructions. */
function filterProgram(count: number, pointer: bigint): Uint8Array {
  const bytes = new Uint8Array(16);
  bytes.set(new Uint8Array(new Uint16Array([count]).buffer), 0);
  bytes.set(new Uint8Array(new BigUint64Array([pointer]).buffer), 8);
  return bytes;
}
