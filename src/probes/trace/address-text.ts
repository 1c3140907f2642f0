import type { ControlMessages } from '../../../native/index.js';
import { formatIpv4, formatIpv6 } from '../../netlink/index.js';

/** Of 4 or 16 bytes. */
export function addressText(ip: Uint8Array): string {
  const view = new DataView(ip.buffer, ip.byteOffset, ip.byteLength);
  return ip.byteLength === 4 ? formatIpv4(view, 0) : formatIpv6(view, 0);
}

/** Who sent an error; somebody has to be named. */
export function offenderText({ offender, offenderLength }: ControlMessages): string {
  return addressText(offender.subarray(0, offenderLength));
}
