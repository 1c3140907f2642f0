import { type Answer, decode } from 'dns-packet';
import { plainName, withExactText } from './octets.js';
import { type DnsFlags, HEADER_BYTES, type Outline, outlineOf, type RecordOutline } from './outline.js';
import type { DnsQuestion } from './question.js';
import { rcodeName } from './rcodes.js';
import { recordText } from './record-text.js';
import { ANY, recordTypeName } from './record-types.js';

/** One record of an answer, as text. */
export interface DnsAnswer {
  /** Whose record it is; without the final dot. */
  readonly name: string;
  /** `'A'`, or `'TYPE…'` for what has no name here. */
  readonly type: string;
  /** Seconds. */
  readonly ttl?: number | undefined;
  /** What it holds, as a zone file has it: `'192.0.2.1'`, `'10 mail.example.com'`. */
  readonly data: string;
}

/** The answer to a query, read. */
export interface DnsMessage {
  readonly rcode: string;
  readonly flags: DnsFlags;
  /** The first {@link MOST_ANSWERS}. */
  readonly answers: readonly DnsAnswer[];
  readonly answerCount: number;
  /** How many of them are of the type that was asked for; for ANY, all. */
  readonly matchingCount: number;
  readonly authorityCount: number;
  readonly additionalCount: number;
  readonly bytes: number;
}

/** What some bytes are: the answer, no answer to this query, or one that cannot be read. */
export type Reading =
  | { readonly kind: 'answer'; readonly message: DnsMessage }
  | { readonly kind: 'foreign' }
  | { readonly kind: 'malformed'; readonly why: string };

/** How many records of an answer are read. More are counted: a chain of compression pointers can make each of them slow. */
export const MOST_ANSWERS = 256;

/**
 * Reads what a server has sent.
 *
 * @param isOurs whether a query of this id is waiting.
 */
export function readMessage(bytes: Buffer, question: DnsQuestion, isOurs: (id: number) => boolean): Reading {
  if (bytes.length < HEADER_BYTES || !isOurs(bytes.readUInt16BE(0))) return FOREIGN;
  const outline = outlineOf(bytes);
  if (!outline.isResponse || outline.opcode !== 0) return FOREIGN;
  if (isMereRefusal(outline)) return { kind: 'answer', message: messageOf(outline, question.type, [], bytes.length) };
  if (!repeats(outline, bytes, question)) return FOREIGN;
  // What does not fit may be cut off anywhere.
  if (!outline.complete && !outline.flags.tc) return malformed('its counts or lengths promise more than it has');
  try {
    const answers = answersOf(outline, decodeAnswers(bytes, outline));
    return { kind: 'answer', message: messageOf(outline, question.type, answers, bytes.length) };
  } catch (error) {
    return malformed(error instanceof Error ? error.message : 'it cannot be read');
  }
}

const FOREIGN: Reading = { kind: 'foreign' };

function malformed(why: string): Reading {
  return { kind: 'malformed', why };
}

/** A server that does not understand or does not want the query may leave the question out. */
function isMereRefusal({ rcode, counts }: Outline): boolean {
  const { questions, answers } = counts;
  return rcode !== 0 && rcode !== NXDOMAIN && questions === 0 && answers === 0;
}

const NXDOMAIN = 3;

/** By dns-packet: the question and the first answers, and nothing of what follows. @throws where it cannot be read. */
function decodeAnswers(bytes: Buffer, { answers }: Outline): readonly Answer[] {
  const read = answers.slice(0, MOST_ANSWERS);
  const end = read.at(-1)?.end ?? bytes.length;
  const part = withExactText(bytes.subarray(0, end));
  part.writeUInt16BE(read.length, 6);
  part.writeUInt32BE(0, 8);
  for (const { typeOffset } of read.filter((record) => isBeyondDnsPacket(record, bytes))) {
    part.writeUInt16BE(PRIVATE_TYPE, typeOffset);
  }
  const { answers: decoded = [] } = decode(part);
  if (read.length > 0 && decode.bytes !== end) throw new Error('a record is not as long as it says');
  return decoded;
}

/** What dns-packet knows nothing of, it hands over as bytes ("private use", RFC 6895 section 3.1). */
const PRIVATE_TYPE = 65_534;

/** dns-packet reads fingerprints by SHA-1 and SHA-256 only, and refuses keys that are not for DNSSEC: the rest of the answer is good. */
function isBeyondDnsPacket({ type, typeOffset, end }: RecordOutline, bytes: Buffer): boolean {
  const data = bytes.subarray(typeOffset + 10, end);
  if (type === SSHFP) return data[1] !== 1 && data[1] !== 2;
  return type === DNSKEY && data[2] !== 3;
}

const SSHFP = 44;
const DNSKEY = 48;

/** Whether the answer is to this question (RFC 5452 section 9.1). Names differ by case at most; nothing is there yet that a pointer could mean. */
function repeats({ counts }: Outline, bytes: Buffer, { name, type }: DnsQuestion): boolean {
  const labels = name === '.' ? '' : name.split('.').map(labelOf).join('');
  const end = HEADER_BYTES + labels.length + 1;
  return (
    counts.questions === 1 &&
    bytes.length >= end + 4 &&
    bytes.toString('latin1', HEADER_BYTES, end).toLowerCase() === `${labels}\0`.toLowerCase() &&
    bytes.readUInt16BE(end) === type &&
    bytes.readUInt16BE(end + 2) === CLASS_IN
  );
}

/** As it is on the wire: behind its length (RFC 1035 section 3.1). */
function labelOf(label: string): string {
  return `${String.fromCharCode(label.length)}${label}`;
}

const CLASS_IN = 1;

function answersOf({ answers: outlines }: Outline, answers: readonly Answer[]): readonly DnsAnswer[] {
  return answers.map((record, index) => {
    const { type = 0, ttl = 0 } = outlines[index] ?? {};
    return { name: plainName(record.name), type: recordTypeName(type), ttl, data: recordText(record) };
  });
}

function messageOf(outline: Outline, type: number, answers: readonly DnsAnswer[], bytes: number): DnsMessage {
  const { rcode, flags, counts } = outline;
  return {
    rcode: rcodeName(rcode),
    flags,
    answers,
    answerCount: counts.answers,
    matchingCount: outline.answers.filter((record) => type === ANY || record.type === type).length,
    authorityCount: counts.authorities,
    additionalCount: counts.additionals,
    bytes,
  };
}
