/** A value of a MaxMind DB. */
export type MmdbValue =
  | string
  | number
  | bigint
  | boolean
  | Uint8Array
  | readonly MmdbValue[]
  | ReadonlyMap<string, MmdbValue>;

/** The bytes are not what the format allows. */
export class MmdbFormatError extends Error {}

/** Records of all databases that there are nest less than ten deep, and hold less than a thousand values: no file may cost more than this. */
const DEEPEST = 32;
const MOST_VALUES = 10_000;
const MOST_TEXT = 1_048_576;

/**
 * Decodes one value, and all that it points to, of a data section (MaxMind DB File Format Specification 2.0, "Output Data Section"). Whatever the
 * bytes are: it reads within the section, and ends soon.
 */
export function decodeMmdb(section: Buffer, offset: number): MmdbValue {
  return new Decoder(section).decode(offset);
}

/** What stands before a value. */
interface Control {
  readonly type: number;
  readonly size: number;
  /** Where the value's bytes begin. */
  readonly at: number;
}

class Decoder {
  readonly #section: Buffer;
  #values = 0;
  #text = 0;
  /** Where the value ends that was decoded last. */
  #end = 0;

  constructor(section: Buffer) {
    this.#section = section;
  }

  decode(offset: number, depth = 0): MmdbValue {
    this.#values += 1;
    if (this.#values > MOST_VALUES) throw new MmdbFormatError(`a record holds more than ${MOST_VALUES} values`);
    if (depth > DEEPEST) throw new MmdbFormatError(`a record nests more than ${DEEPEST} deep`);
    const control = this.#control(offset);
    if (control.type === POINTER) return this.#follow(control, depth);
    if (control.type === MAP) return this.#map(control, depth);
    if (control.type === ARRAY) return this.#array(control, depth);
    return this.#scalar(control);
  }

  /** The first byte: three bits of type, of which 0 says that the next byte holds it, and five of size, of which 29 to 31 say that more follows. */
  #control(offset: number): Control {
    const first = this.#uint(offset, 1);
    const isExtended = first >> 5 === 0;
    const type = isExtended ? this.#uint(offset + 1, 1) + 7 : first >> 5;
    const at = offset + (isExtended ? 2 : 1);
    const size = first & 0x1f;
    if (type === POINTER || size < 29) return { type, size, at };
    const length = size - 28;
    return { type, size: (SIZE_OFFSETS[length] ?? 0) + this.#uint(at, length), at: at + length };
  }

  /** "001SSVVV": S + 1 bytes follow, with V before them unless there are four. A pointer may not lead to another. */
  #follow({ size, at }: Control, depth: number): MmdbValue {
    const length = (size >> 3) + 1;
    const high = length === 4 ? 0 : (size & 7) * 2 ** (8 * length);
    const target = (POINTER_OFFSETS[length] ?? 0) + high + this.#uint(at, length);
    if (this.#control(target).type === POINTER) throw new MmdbFormatError('a pointer leads to a pointer');
    const value = this.decode(target, depth + 1);
    this.#end = at + length;
    return value;
  }

  #map({ size, at }: Control, depth: number): ReadonlyMap<string, MmdbValue> {
    const map = new Map<string, MmdbValue>();
    this.#end = at;
    for (let index = 0; index < size; index += 1) {
      const key = this.decode(this.#end, depth + 1);
      if (typeof key !== 'string') throw new MmdbFormatError('the key of a map is no string');
      map.set(key, this.decode(this.#end, depth + 1));
    }
    return map;
  }

  #array({ size, at }: Control, depth: number): readonly MmdbValue[] {
    const array: MmdbValue[] = [];
    this.#end = at;
    for (let index = 0; index < size; index += 1) array.push(this.decode(this.#end, depth + 1));
    return array;
  }

  #scalar({ type, size, at }: Control): MmdbValue {
    if (type === BOOLEAN) {
      this.#end = at;
      return size !== 0;
    }
    const bytes = this.#bytes(at, size);
    this.#end = at + size;
    switch (type) {
      case STRING:
        return this.#countText(bytes).toString('utf8');
      case BYTES:
        return Uint8Array.from(this.#countText(bytes));
      case DOUBLE:
        return exactly(bytes, 8).readDoubleBE();
      case FLOAT:
        return exactly(bytes, 4).readFloatBE();
      case INT32:
        return unsigned(bytes, 4) | 0;
      case UINT16:
        return unsigned(bytes, 2);
      case UINT32:
        return unsigned(bytes, 4);
      case UINT64:
        return bigUnsigned(bytes, 8);
      case UINT128:
        return bigUnsigned(bytes, 16);
      default:
        throw new MmdbFormatError(`there is no type ${type}`);
    }
  }

  /** Pointers can make a little text a lot. */
  #countText(bytes: Buffer): Buffer {
    this.#text += bytes.length;
    if (this.#text > MOST_TEXT) throw new MmdbFormatError(`a record holds more than ${MOST_TEXT} bytes of text`);
    return bytes;
  }

  #uint(offset: number, length: number): number {
    return this.#bytes(offset, length).readUIntBE(0, length);
  }

  #bytes(offset: number, length: number): Buffer {
    if (offset + length > this.#section.length) throw new MmdbFormatError('a value reaches beyond the end of the data');
    return this.#section.subarray(offset, offset + length);
  }
}

const POINTER = 1;
const STRING = 2;
const DOUBLE = 3;
const BYTES = 4;
const UINT16 = 5;
const UINT32 = 6;
const MAP = 7;
const INT32 = 8;
const UINT64 = 9;
const UINT128 = 10;
const ARRAY = 11;
const BOOLEAN = 14;
const FLOAT = 15;

/** What sizes count from where 1, 2 or 3 bytes hold them. */
const SIZE_OFFSETS = [0, 29, 285, 65_821];

/** What pointers count from where 1, 2, 3 or 4 bytes hold them. */
const POINTER_OFFSETS = [0, 0, 2048, 526_336, 0];

function exactly(bytes: Buffer, length: number): Buffer {
  if (bytes.length !== length) throw new MmdbFormatError(`a number has ${bytes.length} bytes in place of ${length}`);
  return bytes;
}

/** Leading zeros may be left out, up to all of them. */
function unsigned(bytes: Buffer, most: number): number {
  return atMost(bytes, most).reduce((value, byte) => value * 256 + byte, 0);
}

function bigUnsigned(bytes: Buffer, most: number): bigint {
  return atMost(bytes, most).reduce((value, byte) => value * 256n + BigInt(byte), 0n);
}

function atMost(bytes: Buffer, most: number): Buffer {
  if (bytes.length > most) throw new MmdbFormatError(`a number has ${bytes.length} bytes, and ${most} are the most`);
  return bytes;
}
