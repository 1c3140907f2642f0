import { isIP } from 'node:net';
import { formatIpv6, parseIp } from '../../netlink/index.js';

/** An IP address as RFC 5952 has it, so that it can be compared; any other text as it is. */
export function canonicalAddress(text: string): string {
  const ip = isIP(text) === 6 ? parseIp(text) : undefined;
  return ip === undefined ? text : formatIpv6(new DataView(ip.bytes.buffer), 0);
}

/** An address and port in one text: `'192.0.2.53:53'`, `'[2001:db8::53]:53'`. */
export function endpointText(host: string, port: number): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}
