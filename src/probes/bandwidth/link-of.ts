import { networkInterfaces } from 'node:os';

/** Traffic that does not leave this host. */
export const LOOPBACK = 'lo';

/** The interface that a connection goes over; or its local address, where no interface has that. */
export function linkOf(localAddress: string, remoteAddress: string): string {
  const local = plainAddress(localAddress);
  const remote = plainAddress(remoteAddress);
  if (local.startsWith('127.') || local === '::1' || local === remote) return LOOPBACK;
  // Each link may have the same addresses of its own (RFC 4007 section 5).
  const [, zone] = /%(.+)$/.exec(localAddress) ?? [];
  if (zone !== undefined) return zone;
  let link = local;
  for (const [name, addresses = []] of Object.entries(networkInterfaces())) {
    for (const { address } of addresses) {
      // What a host sends to an address of its own goes over the loopback interface, whichever has the address.
      if (address === remote) return LOOPBACK;
      if (address === local) link = name;
    }
  }
  return link;
}

/** An IPv4 address as such, also where it came in over a socket of IPv6 (RFC 4291 section 2.5.5.2); without a zone. */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
}
