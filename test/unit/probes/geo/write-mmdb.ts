import { parseIp } from '../../../../src/netlink/index.js';

/** What `writeMmdb` can write. A list of bytes stands for itself: for what no writer should write. */
export type Writable =
  | string
  | number
  | bigint
  | boolean
  | Buffer
  | readonly Writable[]
  | { readonly [key: string]: Writable };

export interface MmdbFile {
  /** Networks with what is known of them, such as `['192.0.2.0/24', { … }]`; IPv4 lies at ::/96 in a file of IPv6. */
  readonly networks: readonly (readonly [network: string, value: Writable])[];
  /** @default 'Test' */
  readonly type?: string;
  /** @default 6 */
  readonly ipVersion?: 4 | 6;
  /** Bits. @default 28 */
  readonly recordSize?: 24 | 28 | 32;
  /** Put in place of what is right. */
  readonly metadata?: { readonly [key: string]: Writable };
}

/** A file as the MaxMind DB File Format Specification 2.0 has it. Equal values are written once, and pointed to from then on. */
export function writeMmdb({
  networks,
  type = 'Test',
  ipVersion = 6,
  recordSize = 28,
  metadata = {},
}: MmdbFile): Buffer {
  const data = new DataWriter();
  const leaves = networks.map(([network, value]) => [bitsOf(network, ipVersion), data.add(value)] as const);
  const nodes = treeOf(leaves);
  const tree = Buffer.concat(nodes.map((node) => encodeNode(node, nodes.length, recordSize)));
  const facts = {
    node_count: nodes.length,
    record_size: Buffer.from([0xa1, recordSize]),
    ip_version: Buffer.from([0xa1, ipVersion]),
    database_type: type,
    languages: ['en', 'de'],
    binary_format_major_version: Buffer.from([0xa1, 2]),
    binary_format_minor_version: Buffer.from([0xa0]),
    build_epoch: 1_700_000_000n,
    description: { en: 'made by a test' },
    ...metadata,
  };
  return Buffer.concat([tree, Buffer.alloc(16), data.bytes, MARKER, new DataWriter().encode(facts)]);
}

export const MARKER = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');

/** The offset of a value in the data, the number of a node, or nothing. */
type Branch = { readonly data: number } | { readonly node: number } | undefined;
type Node = [Branch, Branch];

function treeOf(leaves: readonly (readonly [bits: string, data: number])[]): readonly Node[] {
  const nodes: Node[] = [[undefined, undefined]];
  // The shorter first: a network within another replaces its part of it.
  for (const [bits, data] of [...leaves].sort(([a], [b]) => a.length - b.length)) {
    let at = 0;
    for (const bit of bits.slice(0, -1)) at = childOf(nodes, at, bit === '1' ? 1 : 0);
    const node = nodes[at];
    if (node !== undefined) node[bits.endsWith('1') ? 1 : 0] = { data };
  }
  return nodes;
}

function childOf(nodes: Node[], at: number, side: 0 | 1): number {
  const branch = nodes[at]?.[side];
  if (branch !== undefined && 'node' in branch) return branch.node;
  const child = nodes.push([branch, branch]) - 1;
  const node = nodes[at];
  if (node !== undefined) node[side] = { node: child };
  return child;
}

function encodeNode(node: Node, count: number, recordSize: 24 | 28 | 32): Buffer {
  const [left = 0, right = 0] = node.map((branch) => {
    if (branch === undefined) return count;
    return 'node' in branch ? branch.node : branch.data + count + 16;
  });
  if (recordSize === 28) {
    const middle = (Math.floor(left / 2 ** 24) << 4) | Math.floor(right / 2 ** 24);
    return Buffer.concat([uint(left % 2 ** 24, 3), uint(middle, 1), uint(right % 2 ** 24, 3)]);
  }
  return Buffer.concat([uint(left, recordSize / 8), uint(right, recordSize / 8)]);
}

function bitsOf(network: string, ipVersion: 4 | 6): string {
  const [address = '', length = ''] = network.split('/');
  const { bytes = new Uint8Array() } = parseIp(address) ?? {};
  const bits = [...bytes]
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('')
    .slice(0, Number(length));
  return ipVersion === 6 && bytes.length === 4 ? '0'.repeat(96) + bits : bits;
}

class DataWriter {
  bytes = Buffer.alloc(0);
  readonly #offsets = new Map<string, number>();

  /** @returns where it is. */
  add(value: Writable): number {
    const encoded = this.encode(value);
    const key = encoded.toString('latin1');
    const known = this.#offsets.get(key);
    if (known !== undefined) return known;
    const offset = this.bytes.length;
    this.bytes = Buffer.concat([this.bytes, encoded]);
    this.#offsets.set(key, offset);
    return offset;
  }

  encode(value: Writable): Buffer {
    if (Buffer.isBuffer(value)) return value;
    if (typeof value === 'string') return control(2, Buffer.byteLength(value), Buffer.from(value));
    if (typeof value === 'boolean') return control(14, value ? 1 : 0);
    if (typeof value === 'bigint') return control(9, 8, bigEndian(value));
    if (typeof value === 'number')
      return Number.isInteger(value) ? control(6, 4, uint(value, 4)) : control(3, 8, double(value));
    if (isList(value)) return control(11, value.length, Buffer.concat(value.map((each) => this.encode(each))));
    const fields = Object.entries(value).flatMap(([key, each]) => [this.encode(key), this.encode(each)]);
    return control(7, fields.length / 2, Buffer.concat(fields));
  }
}

function isList(value: Writable): value is readonly Writable[] {
  return Array.isArray(value);
}

export function control(type: number, size: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const [bits, more] =
    size < 29
      ? [size, Buffer.alloc(0)]
      : size < 285
        ? [29, uint(size - 29, 1)]
        : size < 65_821
          ? [30, uint(size - 285, 2)]
          : [31, uint(size - 65_821, 3)];
  const first = type < 8 ? [(type << 5) | bits] : [bits, type - 7];
  return Buffer.concat([Buffer.from(first), more, payload]);
}

/** A pointer to an offset below 2,048. */
export function pointerTo(offset: number): Buffer {
  return Buffer.from([0x20 | (offset >> 8), offset & 0xff]);
}

function uint(value: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  bytes.writeUIntBE(value, 0, length);
  return bytes;
}

function bigEndian(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}

function double(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes;
}
