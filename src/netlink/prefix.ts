import type { IpFamily } from '../names/index.js';
import { NetlinkDecodeError } from './netlink-decode-error.js';

/** @throws {NetlinkDecodeError} when an address of this family has not that many bits. */
export function decodePrefixLength(view: DataView, offset: number, family: IpFamily): number {
  const length = view.getUint8(offset);
  if (length > (family === 4 ? 32 : 128)) {
    throw new NetlinkDecodeError(`a prefix of length ${length} is longer than an IPv${family} address`, offset);
  }
  return length;
}

/**
 * The length of a prefix whose address stands in an attribute, which the kernel leaves out when the length is 0.
 *
 * @throws {NetlinkDecodeError} when there is a length without its address: taken as it is, it would match everything.
 */
export function decodeLengthOfPrefix(
  view: DataView,
  offset: number,
  family: IpFamily,
  address: string | undefined,
): number {
  const length = decodePrefixLength(view, offset, family);
  if (length > 0 && address === undefined) throw new NetlinkDecodeError('a prefix has no address', offset);
  return length;
}
