import type { Ip } from '../../netlink/index.js';

/**
 * Whether one host answers there, and from that address: no multicast, no broadcast, and not the address of nobody (RFC 1122 section 3.2.1.3,
 * RFC 4291 sections 2.5.2 and 2.7). What IPv6 writes for an address of IPv4 (section 2.5.5.2) is none to send to.
 */
export function isOfOneHost({ family, bytes }: Ip): boolean {
  const [first = 0] = bytes;
  if (family === 4) return first !== 0 && (first & 0xf0) !== 0xe0 && !bytes.every((byte) => byte === 0xff);
  const isUnspecified = bytes.every((byte) => byte === 0);
  const isMapped = bytes.every((byte, index) => index > 11 || byte === (index < 10 ? 0 : 0xff));
  return first !== 0xff && !isUnspecified && !isMapped;
}

/** fe80::/10, RFC 4291 section 2.5.6. */
export function isLinkLocal({ family, bytes: [first = 0, second = 0] }: Ip): boolean {
  return family === 6 && first === 0xfe && (second & 0xc0) === 0x80;
}
