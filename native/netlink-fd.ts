import { endianness } from 'node:os';
import type { Libc } from './libc.js';

// include/linux/socket.h, include/linux/net.h, include/uapi/asm-generic/socket.h, include/uapi/linux/netlink.h
export const AF_INET = 2;
const AF_NETLINK = 16;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_NONBLOCK = 0x800;
export const SOCK_CLOEXEC = 0x8_0000;
export const O_CLOEXEC = 0x8_0000;
const NETLINK_ROUTE = 0;
export const SOL_SOCKET = 1;
export const SO_RCVBUF = 8;
export const SO_ATTACH_FILTER = 26;
export const SO_DETACH_FILTER = 27;
export const SO_RCVBUFFORCE = 33;
export const SOL_NETLINK = 270;
export const NETLINK_ADD_MEMBERSHIP = 1;
export const NETLINK_EXT_ACK = 11;
export const NETLINK_GET_STRICT_CHK = 12;

/** Bytes of `struct sockaddr_nl`: family, padding, port id, groups. */
export const SOCKADDR_NL_LENGTH = 12;

/** Opens and binds a non-blocking rtnetlink socket; the kernel chooses its port id. */
export function openNetlinkFd(libc: Libc): number {
  const fd = libc.socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
  return closeOnThrow(libc, fd, () => {
    const address = new Uint8Array(SOCKADDR_NL_LENGTH);
    address.set(uint16(AF_NETLINK), 0);
    libc.bind(fd, address);
    return fd;
  });
}

/** Runs a set-up step that owns a descriptor: the descriptor outlives it only when it succeeds. */
export function closeOnThrow<Result>(libc: Libc, fd: number, step: () => Result): Result {
  try {
    return step();
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}

/** A C `int` (or `uint32_t`) in native byte order. */
export function int32(value: number): Uint8Array {
  return new Uint8Array(new Int32Array([value]).buffer);
}

function uint16(value: number): Uint8Array {
  return new Uint8Array(new Uint16Array([value]).buffer);
}

/** Reads a C `int` in native byte order. */
export function readInt32(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getInt32(0, endianness() === 'LE');
}
