import { ATTRIBUTE_HEADER_LENGTH, align } from '../../src/netlink/attributes.js';
import { LITTLE_ENDIAN } from '../../src/netlink/byte-order.js';
import { HEADER_LENGTH } from '../../src/netlink/header.js';
import type { Corpus } from './corpus.js';
import type { Draft, Place } from './draft.js';
import type { Random } from './random.js';

/** Changes a draft in one way. Where it does not fit the draft, it may do nothing. */
export type Mutation = (draft: Draft, random: Random, corpus: Corpus) => void;

/** A message out of the corpus. */
export function specimen(random: Random, corpus: Corpus): Uint8Array {
  return random.pick(random.pick(corpus));
}

export function noise(random: Random, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 1) bytes[at] = random.below(256);
  return bytes;
}

const anyByte: Mutation = (draft, random) => {
  if (draft.length > 0) draft.view.setUint8(random.below(draft.length), random.below(256));
};

const tellingByte: Mutation = (draft, random) => {
  if (draft.length > 0) draft.view.setUint8(random.below(draft.length), random.pick(TELLING_BYTES));
};

/** Families, prefix lengths, tables, types: what the message says before its attributes. */
const structureByte: Mutation = (draft, random) => {
  const at = draft.message + HEADER_LENGTH + random.below(16);
  if (at < draft.length) draft.view.setUint8(at, random.onceIn(4) ? random.below(256) : random.pick(TELLING_BYTES));
};

const tellingWord: Mutation = (draft, random) => {
  const at = random.below(Math.max(1, draft.length)) & ~3;
  draft.setU32(at, random.pick(TELLING_WORDS));
};

const messageLength: Mutation = (draft, random) => {
  const length = draft.length - draft.message;
  draft.setU32(draft.message, random.onceIn(2) ? random.pick(TELLING_WORDS) : length - 5 + random.below(11));
};

const messageType: Mutation = (draft, random) => {
  draft.setU16(draft.message + 4, random.onceIn(4) ? random.below(2 ** 16) : random.below(40));
};

const messageFlags: Mutation = (draft, random) => draft.setU16(draft.message + 6, random.below(2 ** 16));

const attributeLength: Mutation = (draft, random) => {
  const place = draft.choosePlace(random);
  if (place === undefined) return;
  const length = place.end - place.at;
  const toTheEnd = draft.length - place.at;
  draft.setU16(
    place.at,
    random.pick([0, 1, 3, 4, 5, length - 1, length + 1, length + 4, toTheEnd, toTheEnd + 1, 0xffff]),
  );
};

const attributeType: Mutation = (draft, random) => {
  const place = draft.choosePlace(random);
  if (place === undefined) return;
  const flagBits = random.onceIn(4) ? random.below(4) << 14 : 0;
  draft.setU16(place.at + 2, random.below(64) | flagBits);
};

const attributeRemoved: Mutation = (draft, random) => {
  const place = draft.choosePlace(random);
  if (place !== undefined) rewrite(draft, random, place, new Uint8Array(0));
};

const attributeDoubled: Mutation = (draft, random) => {
  const place = draft.choosePlace(random);
  if (place === undefined) return;
  const copy = padded(draft.bytes.slice(place.at, place.end));
  insertBefore(draft, random, place, copy);
};

/** An attribute of noise, of any type that some message has. */
const attributeInserted: Mutation = (draft, random) => {
  const place = draft.choosePlace(random);
  if (place === undefined) return;
  insertBefore(draft, random, place, attribute(random.below(64), noise(random, random.below(24))));
};

/** The payloads of one message under the types of another. */
const attributeTransplanted: Mutation = (draft, random, corpus) => {
  const place = draft.choosePlace(random);
  if (place === undefined) return;
  const donor = specimen(random, corpus);
  const start = random.below(donor.length) & ~3;
  insertBefore(draft, random, place, padded(donor.subarray(start, start + random.below(64))));
};

const payloadResized: Mutation = (draft, random) => {
  const place = draft.choosePlace(random);
  if (place === undefined) return;
  const type = draft.u16(place.at + 2);
  const payload = draft.bytes.slice(place.payload, place.end);
  const length = random.onceIn(2) ? random.below(payload.length + 1) : payload.length + 1 + random.below(8);
  const resized = new Uint8Array(length);
  resized.set(payload.subarray(0, length));
  rewrite(draft, random, place, attribute(type, resized));
};

/** Ends the message within an attribute, all lengths right: a reader that takes more than there is then leaves the message as well. */
const attributeLast: Mutation = (draft, random) => {
  const place = draft.choosePlace(random);
  if (place === undefined) return;
  const end = place.payload + random.below(place.end - place.payload + 1);
  for (const outer of place.within) draft.setU16(outer.at, end - outer.at);
  draft.setU16(place.at, end - place.at);
  draft.setU32(draft.message, end - draft.message);
  draft.truncate(end);
};

/** Names are bytes: good UTF-8, bad UTF-8, NULs anywhere, none at all. */
const payloadOfText: Mutation = (draft, random) => {
  const place = draft.choosePlace(random);
  if (place === undefined) return;
  const pieces = Array.from({ length: random.below(6) }, () => random.pick(TEXTS));
  rewrite(draft, random, place, attribute(draft.u16(place.at + 2), Buffer.concat(pieces)));
};

/** Lists in lists, deeper than any that the kernel sends. */
const payloadNested: Mutation = (draft, random) => {
  const place = draft.choosePlace(random);
  if (place === undefined) return;
  const type = draft.u16(place.at + 2);
  let nest = draft.bytes.slice(place.at, place.end);
  for (let depth = 1 + random.below(6); depth > 0; depth -= 1) nest = attribute(type, padded(nest));
  rewrite(draft, random, place, nest);
};

const cutOff: Mutation = (draft, random) => {
  draft.truncate(random.below(draft.length + 1));
  // Where the length of the message agrees with the cut, it is only noticed further in.
  if (random.onceIn(2)) draft.setU32(draft.message, draft.length - draft.message);
};

const followedByNoise: Mutation = (draft, random) => {
  draft.replace(draft.length, draft.length, noise(random, 1 + random.below(20)));
};

/** The beginning of one message and the end of another. */
const spliced: Mutation = (draft, random, corpus) => {
  const donor = specimen(random, corpus);
  const from = random.below(donor.length + 1);
  draft.truncate(draft.message + random.below(draft.length - draft.message + 1));
  draft.replace(draft.length, draft.length, donor.subarray(from));
  if (random.onceIn(2)) draft.setU32(draft.message, draft.length - draft.message);
};

export const MUTATIONS: readonly Mutation[] = [
  anyByte,
  tellingByte,
  structureByte,
  tellingWord,
  messageLength,
  messageType,
  messageFlags,
  attributeLength,
  attributeType,
  attributeRemoved,
  attributeDoubled,
  attributeInserted,
  attributeTransplanted,
  payloadResized,
  attributeLast,
  payloadOfText,
  payloadNested,
  cutOff,
  followedByNoise,
  spliced,
];

/** Small numbers, address families, the lengths of addresses in bytes and bits and one more, and the edges of a byte. */
const TELLING_BYTES = [0, 1, 2, 3, 4, 8, 10, 16, 32, 33, 0x7f, 0x80, 0x81, 0xff];

const TELLING_WORDS = [0, 1, 4, 15, 16, 17, 20, 0x7fff_ffff, 0x8000_0000, 0xffff_fff0, 0xffff_fffc, 0xffff_ffff];

const TEXTS = [
  [0x61],
  [0],
  [...Buffer.from('é')],
  [...Buffer.from('€')],
  [...Buffer.from('𝄞')],
  // Half of a character, a surrogate, a byte that is never in UTF-8, a NUL in two bytes, a byte order mark.
  [0xc3],
  [0xed, 0xa0, 0x80],
  [0xff],
  [0xc0, 0x80],
  [0xef, 0xbb, 0xbf],
].map((bytes) => Uint8Array.from(bytes));

function attribute(type: number, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(ATTRIBUTE_HEADER_LENGTH + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, bytes.length, LITTLE_ENDIAN);
  view.setUint16(2, type, LITTLE_ENDIAN);
  bytes.set(payload, ATTRIBUTE_HEADER_LENGTH);
  return bytes;
}

function padded(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(align(bytes.length));
  whole.set(bytes);
  return whole;
}

function insertBefore(draft: Draft, random: Random, place: Place, bytes: Uint8Array): void {
  change(draft, random, place, place.at, bytes);
}

/** Puts other bytes in the place of an attribute and its padding. */
function rewrite(draft: Draft, random: Random, place: Place, bytes: Uint8Array): void {
  change(draft, random, place, Math.min(align(place.end), draft.length), bytes);
}

/** Puts bytes, padded, where a place begins, up to `end`. Mostly all lengths around it are then made right. */
function change(draft: Draft, random: Random, place: Place, end: number, bytes: Uint8Array): void {
  const before = draft.length;
  draft.replace(place.at, end, padded(bytes));
  if (!random.onceIn(8)) draft.lengthen(place.within, draft.length - before);
}
