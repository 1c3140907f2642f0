import { ATTRIBUTE_HEADER_LENGTH, align } from './attributes.js';
import { LITTLE_ENDIAN } from './byte-order.js';
import { NLM_F_REQUEST } from './constants.js';
import { HEADER_LENGTH } from './header.js';

/** Builds one request: a header, a fixed structure of the type's own, attributes. */
export class RequestWriter {
  readonly #bytes = new Uint8Array(LONGEST_REQUEST);
  readonly #view = new DataView(this.#bytes.buffer);
  #length: number;

  /** @param structureLength the size of the type's own structure, which starts out as zeros. */
  constructor(sequence: number, type: number, flags: number, structureLength: number) {
    this.#view.setUint16(4, type, LITTLE_ENDIAN);
    this.#view.setUint16(6, NLM_F_REQUEST | flags, LITTLE_ENDIAN);
    this.#view.setUint32(8, sequence, LITTLE_ENDIAN);
    // The port id stays 0: the kernel fills in the socket's own.
    this.#length = HEADER_LENGTH + structureLength;
  }

  /** Sets a byte of the type's own structure. */
  structureU8(offset: number, value: number): this {
    this.#view.setUint8(HEADER_LENGTH + offset, value);
    return this;
  }

  /** Sets a number of the type's own structure, in host order. */
  structureU32(offset: number, value: number): this {
    this.#view.setUint32(HEADER_LENGTH + offset, value, LITTLE_ENDIAN);
    return this;
  }

  u8(type: number, value: number): this {
    this.#view.setUint8(this.#attribute(type, 1), value);
    return this;
  }

  u32(type: number, value: number): this {
    this.#view.setUint32(this.#attribute(type, 4), value, LITTLE_ENDIAN);
    return this;
  }

  /** A port, which stands in network order. */
  port(type: number, value: number): this {
    this.#view.setUint16(this.#attribute(type, 2), value);
    return this;
  }

  raw(type: number, value: Uint8Array): this {
    this.#bytes.set(value, this.#attribute(type, value.length));
    return this;
  }

  finish(): Uint8Array {
    this.#view.setUint32(0, this.#length, LITTLE_ENDIAN);
    return this.#bytes.subarray(0, this.#length);
  }

  /** Appends an attribute's header and gives the offset of its payload. */
  #attribute(type: number, payloadLength: number): number {
    const at = this.#length;
    this.#view.setUint16(at, ATTRIBUTE_HEADER_LENGTH + payloadLength, LITTLE_ENDIAN);
    this.#view.setUint16(at + 2, type, LITTLE_ENDIAN);
    this.#length = align(at + ATTRIBUTE_HEADER_LENGTH + payloadLength);
    return at + ATTRIBUTE_HEADER_LENGTH;
  }
}

/** Numbers a request that is made once more. */
export function setSequence(request: Uint8Array, sequence: number): Uint8Array {
  new DataView(request.buffer, request.byteOffset).setUint32(8, sequence, LITTLE_ENDIAN);
  return request;
}

/** More than a route request with every attribute (128 bytes) or a link request with the longest name (172 bytes) needs. */
const LONGEST_REQUEST = 256;
