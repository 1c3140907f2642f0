import { AF_INET } from './netlink-fd.js';

/** The kernel's number of IPv6 (include/linux/socket.h). */
export const AF_INET6 = 10;

/** Where the address begins in `struct sockaddr_in` and `struct sockaddr_in6` (include/uapi/linux/in.h, in6.h). */
export const ADDRESS_OFFSET = { 4: 4, 6: 8 } as const;

const LENGTH = { 4: 16, 6: 28 } as const;

/** A socket address of 4 or 16 bytes of IP, and a port. */
export function socketAddress(ip: Uint8Array, port = 0): Uint8Array {
  const family = ip.byteLength === 4 ? 4 : 6;
  const bytes = new Uint8Array(LENGTH[family]);
  // The family is in the host's byte order, the port in that of the network.
  bytes.set(new Uint8Array(new Uint16Array([family === 4 ? AF_INET : AF_INET6]).buffer), 0);
  new DataView(bytes.buffer).setUint16(2, port);
  bytes.set(ip, ADDRESS_OFFSET[family]);
  return bytes;
}
