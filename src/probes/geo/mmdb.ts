import { parseIp } from '../../netlink/index.js';
import { decodeMmdb, MmdbFormatError, type MmdbValue } from './mmdb-decoder.js';

/** What a database says of itself. */
export interface MmdbMetadata {
  /** Such as `GeoLite2-City`. */
  readonly type: string;
  /** When it was built, in milliseconds since the epoch. */
  readonly builtAt: number;
  /** Of which version its addresses are; one of version 6 holds those of version 4 as well. */
  readonly ipVersion: 4 | 6;
  /** Languages of its names. */
  readonly languages: readonly string[];
}

/** What a database has of an address. */
export interface MmdbMatch {
  readonly value: MmdbValue;
  /** How many bits of the address are those of the network that the value is for. */
  readonly prefixLength: number;
}

/**
 * A MaxMind DB in memory (MaxMind DB File Format Specification 2.0): a binary tree over the bits of addresses, 16 zero bytes, the data, and the
 * metadata behind a marker.
 */
export class Mmdb {
  readonly metadata: MmdbMetadata;
  readonly #tree: Buffer;
  readonly #data: Buffer;
  readonly #nodeCount: number;
  /** Bits in each of a node's two records. */
  readonly #recordSize: number;

  /** @throws {MmdbFormatError} */
  constructor(file: Buffer) {
    const tail = Math.max(0, file.length - MOST_METADATA);
    const marker = file.subarray(tail).lastIndexOf(MARKER) + tail;
    if (marker < tail) throw new MmdbFormatError('it is no MaxMind DB, or was cut off: there is no metadata');
    const metadata = decodeMmdb(file.subarray(marker + MARKER.length), 0);
    this.#nodeCount = numberOf(metadata, 'node_count');
    this.#recordSize = numberOf(metadata, 'record_size');
    const version = numberOf(metadata, 'binary_format_major_version');
    const ipVersion = numberOf(metadata, 'ip_version');
    if (version !== 2) throw new MmdbFormatError(`its format is of version ${version}, and only 2 is known`);
    if (![24, 28, 32].includes(this.#recordSize))
      throw new MmdbFormatError(`its records have ${this.#recordSize} bits`);
    if (ipVersion !== 4 && ipVersion !== 6) throw new MmdbFormatError(`its addresses are of IP version ${ipVersion}`);
    const treeSize = (this.#nodeCount * this.#recordSize) / 4;
    if (treeSize + SEPARATOR > marker) throw new MmdbFormatError('its tree reaches beyond the end of its data');
    this.#tree = file.subarray(0, treeSize);
    this.#data = file.subarray(treeSize + SEPARATOR, marker);
    this.metadata = {
      type: textOf(metadata, 'database_type'),
      builtAt: numberOf(metadata, 'build_epoch', LAST_SECOND) * 1000,
      ipVersion,
      languages: textsOf(metadata, 'languages'),
    };
  }

  /**
   * @param address an IP address. One of IPv4 that is written as IPv6 (`::ffff:192.0.2.1`) is looked for as one of IPv4.
   * @returns undefined where the database has nothing of it, or it is no address.
   * @throws {MmdbFormatError} where what the tree leads to is broken.
   */
  lookUp(address: string): MmdbMatch | undefined {
    const bytes = addressBytes(address);
    if (bytes === undefined) return undefined;
    const { ipVersion } = this.metadata;
    if (bytes.length === 16 && ipVersion === 4) return undefined;
    // IPv4 is in a tree of IPv6 at ::/96.
    const skipped = bytes.length === 4 && ipVersion === 6 ? 96 : 0;
    const bits = skipped + bytes.length * 8;
    let node = 0;
    let depth = 0;
    for (; depth < bits && node < this.#nodeCount; depth += 1) {
      node = this.#record(node, depth < skipped ? 0 : bitOf(bytes, depth - skipped));
    }
    if (node < this.#nodeCount) throw new MmdbFormatError('its tree goes deeper than an address has bits');
    if (node === this.#nodeCount) return undefined;
    const offset = node - this.#nodeCount - SEPARATOR;
    if (offset < 0 || offset >= this.#data.length) throw new MmdbFormatError('its tree leads to no data');
    return { value: decodeMmdb(this.#data, offset), prefixLength: Math.max(0, depth - skipped) };
  }

  #record(node: number, bit: 0 | 1): number {
    const at = (node * this.#recordSize) / 4;
    if (this.#recordSize === 24) return this.#tree.readUIntBE(at + bit * 3, 3);
    if (this.#recordSize === 32) return this.#tree.readUInt32BE(at + bit * 4);
    // Of the byte in the middle, the upper half belongs to the left record and the lower half to the right.
    const middle = this.#tree.readUInt8(at + 3);
    const high = bit === 0 ? middle >> 4 : middle & 0xf;
    return high * 2 ** 24 + this.#tree.readUIntBE(at + bit * 4, 3);
  }
}

const MARKER = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');

/** Bytes of metadata that there are at most, the marker before them included, by the specification. */
const MOST_METADATA = 131_072;

/** Of the longest time that a Date can hold. */
const LAST_SECOND = 8_640_000_000_000;

/** Zero bytes between tree and data. */
const SEPARATOR = 16;

function addressBytes(address: string): Uint8Array | undefined {
  const bytes = parseIp(address)?.bytes;
  const isMapped =
    bytes?.length === 16 &&
    bytes[10] === 0xff &&
    bytes[11] === 0xff &&
    !bytes.subarray(0, 10).some((byte) => byte !== 0);
  return isMapped ? bytes.subarray(12) : bytes;
}

function bitOf(bytes: Uint8Array, index: number): 0 | 1 {
  return (((bytes[index >> 3] ?? 0) >> (7 - (index & 7))) & 1) === 0 ? 0 : 1;
}

function fieldOf(metadata: MmdbValue, name: string): MmdbValue | undefined {
  return metadata instanceof Map ? metadata.get(name) : undefined;
}

function numberOf(metadata: MmdbValue, name: string, most = Number.MAX_SAFE_INTEGER): number {
  const value = fieldOf(metadata, name);
  const number = typeof value === 'bigint' ? Number(value) : value;
  if (typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= most) return number;
  throw new MmdbFormatError(`its metadata has no ${name} that can be`);
}

function textOf(metadata: MmdbValue, name: string): string {
  const value = fieldOf(metadata, name);
  return typeof value === 'string' ? value : '';
}

function textsOf(metadata: MmdbValue, name: string): readonly string[] {
  const value = fieldOf(metadata, name);
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
