/** Bytes of ICMP's header of an echo: type, code, checksum, identifier, sequence number (RFC 792, RFC 4443 section 4). */
export const ECHO_HEADER_LENGTH = 8;

/** Bytes of an IP header without options. */
export const IP_HEADER_LENGTH = { 4: 20, 6: 40 } as const;

/** How many bytes of the payload are random. */
export const TOKEN_LENGTH = 8;

const REQUEST = { 4: 8, 6: 128 } as const;
const REPLY = { 4: 0, 6: 129 } as const;

/** What tells one request from all others. */
export interface EchoIdentity {
  readonly sequence: number;
  /** The random bytes, as two numbers of 32 bits. */
  readonly tokenHigh: number;
  readonly tokenLow: number;
}

/** An echo request of one size, which is written anew for each packet. */
export class EchoRequestBuffer {
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  /** @param identifier of no importance for a datagram socket, into which the kernel writes its own. */
  constructor(family: 4 | 6, payloadSize: number, identifier: number) {
    this.bytes = new Uint8Array(ECHO_HEADER_LENGTH + payloadSize);
    this.#view = new DataView(this.bytes.buffer);
    // As ping(8) fills it: each byte is its own place.
    for (let at = 0; at < payloadSize; at += 1) this.bytes[ECHO_HEADER_LENGTH + at] = at & 0xff;
    this.bytes[0] = REQUEST[family];
    this.#view.setUint16(4, identifier);
  }

  /** Of IPv6 the kernel writes the checksum itself, and of a datagram socket of IPv4 as well; there this one does no harm. */
  write({ sequence, tokenHigh, tokenLow }: EchoIdentity): void {
    this.#view.setUint16(2, 0);
    this.#view.setUint16(6, sequence);
    const room = this.bytes.byteLength - ECHO_HEADER_LENGTH;
    for (let at = 0; at < TOKEN_LENGTH && at < room; at += 1) {
      this.bytes[ECHO_HEADER_LENGTH + at] = tokenByte(tokenHigh, tokenLow, at);
    }
    this.#view.setUint16(2, internetChecksum(this.bytes, this.bytes.byteLength));
  }
}

/**
 * Where ICMP's header of an echo reply begins.
 *
 * @param from where the packet begins: a raw socket of IPv4 hands over the IP header too.
 * @returns −1 for whatever is no whole echo reply.
 */
export function findEchoReply(bytes: Uint8Array, length: number, family: 4 | 6, from: 'ip' | 'icmp'): number {
  return find(bytes, length, from, REPLY[family]);
}

/** The same for the echo request that an error quotes; whether more of it than the header is quoted, the sender decides. */
export function findEchoRequest(bytes: Uint8Array, length: number, family: 4 | 6): number {
  return find(bytes, length, 'icmp', REQUEST[family]);
}

export function identifierAt(bytes: Uint8Array, at: number): number {
  return readUint16(bytes, at + 4);
}

export function sequenceAt(bytes: Uint8Array, at: number): number {
  return readUint16(bytes, at + 6);
}

/** Whether the payload begins with the token, as far as it goes. */
export function hasToken(bytes: Uint8Array, at: number, end: number, identity: EchoIdentity): boolean {
  const start = at + ECHO_HEADER_LENGTH;
  const limit = Math.min(end, bytes.byteLength) - start;
  for (let index = 0; index < TOKEN_LENGTH && index < limit; index += 1) {
    if (bytes[start + index] !== tokenByte(identity.tokenHigh, identity.tokenLow, index)) return false;
  }
  return true;
}

/**
 * Whether an error may be for the request: routers quote 8 bytes at least (RFC 792), so often nothing of the token, and those that put
 * extensions behind what they quote fill up with zeros in between (RFC 4884 section 3).
 */
export function mayQuote(bytes: Uint8Array, at: number, end: number, identity: EchoIdentity): boolean {
  return hasToken(bytes, at, end, identity) || hasToken(bytes, at, end, NO_TOKEN);
}

const NO_TOKEN: EchoIdentity = { sequence: 0, tokenHigh: 0, tokenLow: 0 };

/** RFC 1071: the complement of the sum of all words of 16 bits, in ones' complement. */
export function internetChecksum(bytes: Uint8Array, length: number): number {
  let sum = 0;
  for (let at = 0; at < length; at += 2) sum += readUint16(bytes, at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function find(bytes: Uint8Array, length: number, from: 'ip' | 'icmp', type: number): number {
  const end = Math.min(length, bytes.byteLength);
  const at = from === 'ip' ? ipHeaderLength(bytes, end) : 0;
  if (at === -1 || end < at + ECHO_HEADER_LENGTH) return -1;
  return bytes[at] === type && bytes[at + 1] === 0 ? at : -1;
}

/** Of IPv4: the lower half of the first byte, in words of 32 bits. */
function ipHeaderLength(bytes: Uint8Array, end: number): number {
  const first = bytes[0] ?? 0;
  const length = (first & 0x0f) * 4;
  return first >>> 4 === 4 && length >= IP_HEADER_LENGTH[4] && length <= end ? length : -1;
}

function tokenByte(high: number, low: number, index: number): number {
  return index < 4 ? (high >>> (24 - 8 * index)) & 0xff : (low >>> (56 - 8 * index)) & 0xff;
}

function readUint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
