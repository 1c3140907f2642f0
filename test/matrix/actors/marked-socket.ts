import { Socket } from 'node:net';
import koffi from 'koffi';
import { SystemCallError } from '../../../native/index.js';

const libc = koffi.load(null);
const socketFunction: (domain: number, type: number, protocol: number) => number =
  libc.func('int socket(int, int, int)');
const setsockopt: (fd: number, level: number, option: number, value: Int32Array, length: number) => number = libc.func(
  'int setsockopt(int, int, int, const void *, unsigned int)',
);

// include/uapi/asm-generic/socket.h, include/linux/net.h
const AF_INET = 2;
const SOCK_STREAM_CLOEXEC_NONBLOCK = 1 | 0x8_0000 | 0x800;
const SOL_SOCKET = 1;
const SO_MARK = 36;

/** An IPv4 TCP socket with a mark, by which `ip rule … fwmark` may route it. Node itself cannot set one. */
export function openMarkedSocket(mark: number): Socket {
  const fd = checked('socket', socketFunction(AF_INET, SOCK_STREAM_CLOEXEC_NONBLOCK, 0));
  const value = Int32Array.of(mark);
  checked('setsockopt', setsockopt(fd, SOL_SOCKET, SO_MARK, value, value.byteLength));
  return new Socket({ fd });
}

function checked(syscall: string, result: number): number {
  if (result === -1) throw new SystemCallError(syscall, koffi.errno());
  return result;
}
