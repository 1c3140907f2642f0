import { ATTRIBUTE_HEADER_LENGTH, align } from '../../src/netlink/attributes.js';
import { LITTLE_ENDIAN } from '../../src/netlink/byte-order.js';
import {
  IFLA_LINKINFO,
  IFLA_PROP_LIST,
  NLMSG_DONE,
  NLMSG_ERROR,
  RTA_MULTIPATH,
  RTM_DELADDR,
  RTM_DELLINK,
  RTM_DELROUTE,
  RTM_DELRULE,
  RTM_NEWADDR,
  RTM_NEWLINK,
  RTM_NEWROUTE,
  RTM_NEWRULE,
} from '../../src/netlink/constants.js';
import { HEADER_LENGTH } from '../../src/netlink/header.js';
import type { Random } from './random.js';

/** An attribute, or a next hop of a multipath route: both begin with their length in two bytes. */
export interface Place {
  readonly at: number;
  /** Where its payload begins. */
  readonly payload: number;
  readonly end: number;
  /** The places that it lies in, from the outermost. */
  readonly within: readonly Place[];
}

/** A datagram in the making. Its last message is the one that is worked on. */
export class Draft {
  readonly view = new DataView(new ArrayBuffer(CAPACITY));
  /** Where the message that is worked on begins. */
  message = 0;
  length = 0;
  readonly #bytes = new Uint8Array(this.view.buffer);

  /** Good until the next change. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  clear(): void {
    this.message = 0;
    this.length = 0;
  }

  /** Begins another message. Does nothing where that would not fit, as all that makes the draft longer. */
  append(message: Uint8Array): void {
    const start = align(this.length);
    if (start + message.length > CAPACITY) return;
    this.#bytes.fill(0, this.length, start);
    this.#bytes.set(message, start);
    this.message = start;
    this.length = start + message.length;
  }

  truncate(length: number): void {
    this.length = Math.min(this.length, length);
    this.message = Math.min(this.message, this.length);
  }

  /** Puts other bytes in the place of some. Whatever claims a length goes on claiming it. */
  replace(start: number, end: number, bytes: Uint8Array): void {
    const grown = this.length + bytes.length - (end - start);
    if (grown > CAPACITY) return;
    this.#bytes.copyWithin(start + bytes.length, end, this.length);
    this.#bytes.set(bytes, start);
    this.length = grown;
  }

  /** Makes the message that is worked on, and each of these places in it, longer by so much, in what they claim. */
  lengthen(places: readonly Place[], by: number): void {
    for (const { at } of places) this.setU16(at, this.u16(at) + by);
    if (this.length < this.message + 4) return;
    this.view.setUint32(this.message, this.view.getUint32(this.message, LITTLE_ENDIAN) + by, LITTLE_ENDIAN);
  }

  u16(at: number): number {
    return this.view.getUint16(at, LITTLE_ENDIAN);
  }

  setU16(at: number, value: number): void {
    if (at + 2 <= this.length) this.view.setUint16(at, value, LITTLE_ENDIAN);
  }

  setU32(at: number, value: number): void {
    if (at + 4 <= this.length) this.view.setUint32(at, value, LITTLE_ENDIAN);
  }

  /** Chooses one of the attributes that still look like such, or one inside it. */
  choosePlace(random: Random): Place | undefined {
    if (this.length < this.message + HEADER_LENGTH) return undefined;
    const type = this.u16(this.message + 4);
    const first = this.message + HEADER_LENGTH + (STRUCTURE_LENGTHS.get(type) ?? 0);
    let chosen = this.#chooseIn(first, this.length, ATTRIBUTE_HEADER_LENGTH, [], random);
    while (chosen !== undefined && random.onceIn(2)) {
      const inner = this.#chooseInside(chosen, random);
      if (inner === undefined) break;
      chosen = inner;
    }
    return chosen;
  }

  #chooseInside(place: Place, random: Random): Place | undefined {
    const within = [...place.within, place];
    const isNextHop = place.payload - place.at === RTNEXTHOP_LENGTH;
    const type = isNextHop ? undefined : this.u16(place.at + 2) & 0x3fff;
    if (type === RTA_MULTIPATH) return this.#chooseIn(place.payload, place.end, RTNEXTHOP_LENGTH, within, random);
    if (!isNextHop && type !== IFLA_LINKINFO && type !== IFLA_PROP_LIST) return undefined;
    return this.#chooseIn(place.payload, place.end, ATTRIBUTE_HEADER_LENGTH, within, random);
  }

  #chooseIn(
    start: number,
    end: number,
    headerLength: number,
    within: readonly Place[],
    random: Random,
  ): Place | undefined {
    let chosen = -1;
    let seen = 0;
    for (let at = start; at + headerLength <= end; ) {
      const length = this.u16(at);
      if (length < headerLength || at + length > end) break;
      seen += 1;
      if (random.onceIn(seen)) chosen = at;
      at += align(length);
    }
    if (chosen === -1) return undefined;
    return { at: chosen, payload: chosen + headerLength, end: chosen + this.u16(chosen), within };
  }
}

/** Several of the longest messages. */
const CAPACITY = 16_384;

/** struct rtnexthop */
const RTNEXTHOP_LENGTH = 8;

/** What stands before the attributes, by message type. */
const STRUCTURE_LENGTHS = new Map([
  [RTM_NEWLINK, 16],
  [RTM_DELLINK, 16],
  [RTM_NEWADDR, 8],
  [RTM_DELADDR, 8],
  [RTM_NEWROUTE, 12],
  [RTM_DELROUTE, 12],
  [RTM_NEWRULE, 12],
  [RTM_DELRULE, 12],
  [NLMSG_ERROR, 4 + HEADER_LENGTH],
  [NLMSG_DONE, 4],
]);
