import { isIP } from 'node:net';

/** Alternates the families, in the order in which they come, beginning with that of the first address (RFC 8305 section 4). */
export function interleaveFamilies(addresses: readonly string[]): readonly string[] {
  const [first] = addresses;
  if (first === undefined || addresses.length === 1) return addresses;
  const leading = addresses.filter((address) => isIP(address) === isIP(first));
  const other = addresses.filter((address) => isIP(address) !== isIP(first));
  const pairs = Math.max(leading.length, other.length);
  return Array.from({ length: pairs }, (_, index) => [
    ...leading.slice(index, index + 1),
    ...other.slice(index, index + 1),
  ]).flat();
}
