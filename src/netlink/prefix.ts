import type { IpFamily } from './address-text.js';
import { NetlinkDecodeError } from './netlink-decode-error.js';

/** @throws {NetlinkDecodeError} when an address of this family has not that many bits. */
export function decodePrefixLength(view: DataView, offset: number, family: IpFamily): number {
  const length = view.getUint8(offset);
  if (length > (family === 4 ? 32 : 128)) {
    throw new NetlinkDecodeError(`a prefix of length ${length} is longer than an IPv${family} address`, offset);
  }
  return length;
}
