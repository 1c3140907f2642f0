import type { Libc } from './libc.js';
import { AF_INET, closeOnThrow, SOCK_CLOEXEC, SOCK_NONBLOCK, SOL_SOCKET } from './netlink-fd.js';

// include/linux/socket.h, include/linux/net.h, include/uapi/asm-generic/socket.h
const AF_INET6 = 10;
const SOCK_STREAM = 1;
const SO_BINDTODEVICE = 25;

/**
 * Opens a TCP socket, not connected yet, whose packets leave and arrive over one interface only (socket(7), SO_BINDTODEVICE). Since Linux 5.7
 * nobody needs a privilege for that. Whoever gets the descriptor closes it; `new net.Socket({ fd })` adopts it as it is.
 *
 * @throws {SystemCallError} ENODEV where there is no such interface, EPERM where an older kernel asks for CAP_NET_RAW.
 */
export function openDeviceSocket(libc: Libc, family: 4 | 6, interfaceName: string): number {
  const fd = libc.socket(family === 4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  return closeOnThrow(libc, fd, () => {
    libc.setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, new TextEncoder().encode(`${interfaceName}\0`));
    return fd;
  });
}
