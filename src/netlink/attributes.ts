import { formatIpv4, formatIpv6, type IpFamily } from '../names/index.js';
import { LITTLE_ENDIAN } from './byte-order.js';
import { NetlinkDecodeError } from './netlink-decode-error.js';

/** The length and the type before each attribute's payload: struct nlattr of linux/netlink.h. */
export const ATTRIBUTE_HEADER_LENGTH = 4;

/** Everything in a netlink message begins at a multiple of four bytes (NLMSG_ALIGN, NLA_ALIGN). */
export function align(length: number): number {
  return (length + 3) & ~3;
}

/**
 * Walks a list of attributes without an object for each: `while (attributes.next()) switch (attributes.type) …`.
 *
 * The readers read the payload of the current attribute. A payload that is too short for what is read from it is an error; one that is
 * longer is not, because the kernel extends its structures at their ends.
 */
export class AttributeCursor {
  /** The current attribute's type, without the two flag bits on top (NLA_F_NESTED, NLA_F_NET_BYTEORDER). */
  type = 0;
  /** Where the current payload begins, in bytes from the start of the datagram. */
  start = 0;
  /** Where the current payload ends. */
  end = 0;

  readonly view: DataView;
  readonly #limit: number;
  #at: number;

  constructor(view: DataView, start: number, limit: number) {
    this.view = view;
    this.#at = start;
    this.#limit = limit;
  }

  /**
   * Goes on to the next attribute; false when there is none.
   *
   * @throws {NetlinkDecodeError} when its length does not fit.
   */
  next(): boolean {
    const { view } = this;
    const at = this.#at;
    const limit = this.#limit;
    if (at >= limit) return false;
    if (at + ATTRIBUTE_HEADER_LENGTH > limit) throw new NetlinkDecodeError('an attribute header is cut short', at);
    const length = view.getUint16(at, LITTLE_ENDIAN);
    const end = at + length;
    if (length < ATTRIBUTE_HEADER_LENGTH || end > limit) {
      throw new NetlinkDecodeError(`an attribute of length ${length} does not fit`, at);
    }
    this.type = view.getUint16(at + 2, LITTLE_ENDIAN) & 0x3fff;
    this.start = at + ATTRIBUTE_HEADER_LENGTH;
    this.end = end;
    this.#at = align(end);
    return true;
  }

  u8(): number {
    return this.view.getUint8(this.payload(1));
  }

  u32(): number {
    return this.view.getUint32(this.payload(4), LITTLE_ENDIAN);
  }

  i32(): number {
    return this.view.getInt32(this.payload(4), LITTLE_ENDIAN);
  }

  /** Text up to a NUL or the payload's end. Names may hold any byte; what is not UTF-8 becomes U+FFFD. */
  text(): string {
    let text = '';
    for (let at = this.start; at < this.end; at += 1) {
      const byte = this.view.getUint8(at);
      if (byte === 0) return text;
      if (byte > 0x7f) return utf8(this.view, this.start, this.end);
      text += String.fromCharCode(byte);
    }
    return text;
  }

  ip(family: IpFamily): string {
    return family === 4 ? formatIpv4(this.view, this.payload(4)) : formatIpv6(this.view, this.payload(16));
  }

  /** The attributes inside the current one. */
  nested(): AttributeCursor {
    return new AttributeCursor(this.view, this.start, this.end);
  }

  /**
   * The offset of the current payload, once it is known to hold this many bytes.
   *
   * @throws {NetlinkDecodeError} when it does not.
   */
  payload(length: number): number {
    if (this.end - this.start < length) {
      throw new NetlinkDecodeError(`attribute ${this.type} has fewer than ${length} bytes`, this.start);
    }
    return this.start;
  }
}

function utf8(view: DataView, start: number, end: number): string {
  const bytes = Buffer.from(view.buffer, view.byteOffset + start, end - start);
  const nul = bytes.indexOf(0);
  return bytes.toString('utf8', 0, nul === -1 ? bytes.length : nul);
}
