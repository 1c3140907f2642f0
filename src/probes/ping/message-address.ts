import { ADDRESS_OFFSET, type ControlMessages, ERROR_ORIGIN, type Message } from '../../../native/index.js';
import { formatIpv4, formatIpv6 } from '../../netlink/index.js';

/** Of 4 or 16 bytes. */
export function addressText(ip: Uint8Array): string {
  const view = new DataView(ip.buffer, ip.byteOffset, ip.byteLength);
  return ip.byteLength === 4 ? formatIpv4(view, 0) : formatIpv6(view, 0);
}

/** Whether a message is from there; of an error, whether the packet was sent there. */
export function isAddressOf({ address }: Message, ip: Uint8Array): boolean {
  const offset = ADDRESS_OFFSET[ip.byteLength === 4 ? 4 : 6];
  for (let index = 0; index < ip.byteLength; index += 1) {
    if (address[offset + index] !== ip[index]) return false;
  }
  return true;
}

/** Whether an error is ICMP's, and not this host's own. */
export function isFromNetwork({ origin }: ControlMessages): boolean {
  return origin === ERROR_ORIGIN.icmp || origin === ERROR_ORIGIN.icmp6;
}

/** Who sent an error; undefined where the kernel does not say. */
export function offenderText({ offender, offenderLength }: ControlMessages): string | undefined {
  return offenderLength === 0 ? undefined : addressText(offender.subarray(0, offenderLength));
}
