import type { FilterInstruction } from '../../native/index.js';
import type { Ip } from '../names/index.js';
import { ATTRIBUTE_HEADER_LENGTH } from './attributes.js';
import { LITTLE_ENDIAN } from './byte-order.js';
import {
  add,
  end,
  findAttribute,
  ifAtLeast,
  ifEqual,
  ifEqualToX,
  ifGreater,
  load,
  loadAtX,
  loadConstant,
  loadConstantToX,
  loadPacketLength,
  moveToX,
  negate,
  orX,
  recall,
  shiftLeft,
  shiftRightByX,
  skip,
  store,
  xor,
} from './classic-bpf.js';
import { AF_INET, AF_INET6, RTA_DST, RTM_DELROUTE, RTM_NEWROUTE } from './constants.js';
import { HEADER_LENGTH } from './header.js';

/**
 * Above this many destinations there is no filter and every route is heard of. The longest program for this many (IPv6 addresses of which no
 * two share their first 32 bits) has 3,300 instructions, and the kernel takes 4,096 (BPF_MAXINSNS). It also is run by whoever changes a route,
 * once for each change, and must not cost them more than it saves us.
 */
export const MOST_DESTINATIONS = 100;

/**
 * A program for the kernel's socket filter (SO_ATTACH_FILTER) on a socket that hears of route changes. It drops a message only when that is a
 * single RTM_NEWROUTE or RTM_DELROUTE of IPv4 or IPv6 whose prefix holds none of these destinations. All else passes: default routes, every
 * other kind of message, and whatever it does not understand.
 *
 * A route matters to a destination by its prefix alone: the kernel resolves a gateway when the route is added, and does not look it up again.
 *
 * @param destinations at most {@link MOST_DESTINATIONS}.
 * @param byteOrder that of the machine that it is to run on.
 */
export function buildRouteFilter(
  destinations: readonly Ip[],
  byteOrder: ByteOrder = LITTLE_ENDIAN ? 'little' : 'big',
): readonly FilterInstruction[] {
  const ipv4 = judgePrefix(1, wordsOf(destinations, 4), byteOrder);
  const ipv6 = judgePrefix(4, wordsOf(destinations, 6), byteOrder);
  return [
    ...passUnlessWholeMessage(byteOrder),
    ...passUnlessRoute(byteOrder),
    load(1, FAMILY),
    ifEqual(AF_INET, { yes: 1 }),
    skip(ipv4.length),
    ...ipv4,
    ...passUnlessEqual(AF_INET6),
    ...ipv6,
  ];
}

export type ByteOrder = 'little' | 'big';

/** An address as numbers of 32 bits, most significant first: one for IPv4, four for IPv6. */
type Words = readonly number[];

/** Where things stand in a route message: struct nlmsghdr of linux/netlink.h, then struct rtmsg of linux/rtnetlink.h, then attributes. */
const MESSAGE_LENGTH = 0;
const MESSAGE_TYPE = 4;
const FAMILY = HEADER_LENGTH;
const PREFIX_LENGTH = HEADER_LENGTH + 1;
const ATTRIBUTES = HEADER_LENGTH + 12;

const PASS = end(0xffff_ffff);
const DROP = end(0);

/** Also makes sure that the fixed part of a route message is there: a load beyond the end would drop what we do not understand. */
function passUnlessWholeMessage(byteOrder: ByteOrder): readonly FilterInstruction[] {
  return [
    loadPacketLength(),
    ifAtLeast(ATTRIBUTES, { yes: 1 }),
    PASS,
    ...loadHostU32(MESSAGE_LENGTH, byteOrder),
    moveToX(),
    loadPacketLength(),
    ifEqualToX({ yes: 1 }),
    PASS,
  ];
}

function passUnlessRoute(byteOrder: ByteOrder): readonly FilterInstruction[] {
  return [
    load(2, MESSAGE_TYPE),
    ifEqual(hostU16(RTM_NEWROUTE, byteOrder), { yes: 2 }),
    ifEqual(hostU16(RTM_DELROUTE, byteOrder), { yes: 1 }),
    PASS,
  ];
}

/** Ends the program, one way or the other, for a route whose addresses have this many words. */
function judgePrefix(
  words: number,
  destinations: readonly Words[],
  byteOrder: ByteOrder,
): readonly FilterInstruction[] {
  return [
    load(1, PREFIX_LENGTH),
    ifEqual(0, { no: 1 }),
    PASS,
    ...recordPrefix(words, byteOrder),
    ...range(words).flatMap((last) => dropUnlessCovering(last, destinations)),
    // Longer than an address: not understood.
    PASS,
  ];
}

/** Puts the prefix's words into M. The attribute is the second in all that Linux sends, but is found wherever it is. */
function recordPrefix(words: number, byteOrder: ByteOrder): readonly FilterInstruction[] {
  return [
    loadConstantToX(RTA_DST),
    loadConstant(ATTRIBUTES),
    findAttribute(),
    ifEqual(0, { no: 1 }),
    PASS,
    moveToX(),
    loadAtX(2, 0),
    ...passUnlessEqual(hostU16(ATTRIBUTE_HEADER_LENGTH + words * 4, byteOrder)),
    ...range(words).flatMap((word) => [loadAtX(4, ATTRIBUTE_HEADER_LENGTH + word * 4), store(word)]),
  ];
}

/** For prefixes that end in this word: looks at every destination up to there. Prefixes that end later go on behind it. */
function dropUnlessCovering(last: number, destinations: readonly Words[]): readonly FilterInstruction[] {
  const bits = (last + 1) * 32;
  const judgement = [
    // X = how many bits of the last word do not count, 0 to 31.
    negate(),
    add(bits),
    moveToX(),
    ...beginnings(destinations, last + 1).flatMap(passIfCovered),
    DROP,
  ];
  return [load(1, PREFIX_LENGTH), ifGreater(bits, { no: 1 }), skip(judgement.length), ...judgement];
}

/** Full words have to be equal, the last one down to the bits that do not count. */
function passIfCovered(words: Words): readonly FilterInstruction[] {
  const [last = 0] = words.slice(-1);
  const judgeLast = [recall(words.length - 1), xor(last), shiftRightByX(), ifEqual(0, { no: 1 }), PASS];
  const judgeFull = words.slice(0, -1).flatMap((value, index) => {
    const behind = 2 * (words.length - 1 - index - 1) + judgeLast.length;
    return [recall(index), ifEqual(value, { no: behind })];
  });
  return [...judgeFull, ...judgeLast];
}

function passUnlessEqual(value: number): readonly FilterInstruction[] {
  return [ifEqual(value, { yes: 1 }), PASS];
}

/** A = a number in the host's byte order. Loads are in network order, so on little-endian machines it is put together byte by byte. */
function loadHostU32(offset: number, byteOrder: ByteOrder): readonly FilterInstruction[] {
  if (byteOrder === 'big') return [load(4, offset)];
  return [
    load(1, offset + 3),
    ...[2, 1, 0].flatMap((byte) => [shiftLeft(8), moveToX(), load(1, offset + byte), orX()]),
  ];
}

/** What a load gives for this number where it stands in the host's byte order. */
function hostU16(value: number, byteOrder: ByteOrder): number {
  return byteOrder === 'big' ? value : ((value & 0xff) << 8) | (value >> 8);
}

/** What different beginnings the addresses have: those of one network are looked at once. */
function beginnings(destinations: readonly Words[], count: number): readonly Words[] {
  const distinct = new Map(destinations.map((words) => [words.slice(0, count).join(), words.slice(0, count)]));
  return [...distinct.values()];
}

function wordsOf(destinations: readonly Ip[], family: Ip['family']): readonly Words[] {
  return destinations
    .filter((ip) => ip.family === family)
    .map(({ bytes }) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      return range(bytes.length / 4).map((word) => view.getUint32(word * 4));
    });
}

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}
