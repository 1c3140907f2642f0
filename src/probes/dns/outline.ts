import { OPT } from './record-types.js';

/** What a message is made of, without what its records hold. */
export interface Outline {
  readonly id: number;
  readonly isResponse: boolean;
  readonly opcode: number;
  /** With the upper bits of EDNS, where it has them. */
  readonly rcode: number;
  readonly flags: DnsFlags;
  /** What the header says. */
  readonly counts: Readonly<Record<Section, number>>;
  /** The records of the answer section, as far as they are there in full. */
  readonly answers: readonly RecordOutline[];
  /** Whether everything is there that the counts and lengths promise. */
  readonly complete: boolean;
}

/** The bits of a message's header (RFC 1035 section 4.1.1, RFC 4035 section 3). */
export interface DnsFlags {
  /** Authoritative answer. */
  readonly aa: boolean;
  /** Truncated. */
  readonly tc: boolean;
  /** Recursion desired. */
  readonly rd: boolean;
  /** Recursion available. */
  readonly ra: boolean;
  /** Authentic data: the server says that it has validated all of it by DNSSEC. */
  readonly ad: boolean;
  /** Checking disabled. */
  readonly cd: boolean;
}

/** One record, without its name and data. */
export interface RecordOutline {
  readonly type: number;
  /** Seconds. */
  readonly ttl: number;
  /** Where its type stands in the message; its data begins 10 bytes behind. */
  readonly typeOffset: number;
  /** Where it ends in the message. */
  readonly end: number;
}

type Section = 'questions' | 'answers' | 'authorities' | 'additionals';

export const HEADER_BYTES = 12;

/**
 * Walks over a message by its lengths alone, in a time that grows with its size and nothing else: dns-packet believes lengths and counts as
 * they stand, and follows each chain of compression pointers to its end.
 *
 * @param bytes at least a header.
 */
export function outlineOf(bytes: Buffer): Outline {
  const flags = bytes.readUInt16BE(2);
  const counts = {
    questions: bytes.readUInt16BE(4),
    answers: bytes.readUInt16BE(6),
    authorities: bytes.readUInt16BE(8),
    additionals: bytes.readUInt16BE(10),
  };
  const start = skipQuestions(bytes, counts.questions);
  const answers = recordsFrom(bytes, start, counts.answers);
  const others = recordsFrom(bytes, endOf(answers, start), counts.authorities + counts.additionals);
  const opt = others.find(({ type }) => type === OPT);
  return {
    id: bytes.readUInt16BE(0),
    isResponse: (flags & 0x8000) !== 0,
    opcode: (flags >> 11) & 0xf,
    rcode: ((opt?.extendedRcode ?? 0) << 4) | (flags & 0xf),
    flags: flagsOf(flags),
    counts,
    answers,
    complete:
      start !== undefined &&
      answers.length === counts.answers &&
      others.length === counts.authorities + counts.additionals,
  };
}

function flagsOf(flags: number): DnsFlags {
  return {
    aa: (flags & 0x400) !== 0,
    tc: (flags & 0x200) !== 0,
    rd: (flags & 0x100) !== 0,
    ra: (flags & 0x80) !== 0,
    ad: (flags & 0x20) !== 0,
    cd: (flags & 0x10) !== 0,
  };
}

interface FullRecordOutline extends RecordOutline {
  readonly extendedRcode: number;
}

function skipQuestions(bytes: Buffer, count: number): number | undefined {
  let offset: number | undefined = HEADER_BYTES;
  for (let index = 0; index < count && offset !== undefined; index += 1) {
    const nameEnd = skipName(bytes, offset);
    offset = nameEnd === undefined || nameEnd + 4 > bytes.length ? undefined : nameEnd + 4;
  }
  return offset;
}

function recordsFrom(bytes: Buffer, start: number | undefined, count: number): readonly FullRecordOutline[] {
  const records: FullRecordOutline[] = [];
  let offset = start;
  while (offset !== undefined && records.length < count) {
    const record = recordAt(bytes, offset);
    if (record === undefined) break;
    records.push(record);
    offset = record.end;
  }
  return records;
}

/** RFC 1035 section 4.1.3. */
function recordAt(bytes: Buffer, start: number): FullRecordOutline | undefined {
  const offset = skipName(bytes, start);
  if (offset === undefined || offset + 10 > bytes.length) return undefined;
  const end = offset + 10 + bytes.readUInt16BE(offset + 8);
  if (end > bytes.length) return undefined;
  const ttl = bytes.readUInt32BE(offset + 4);
  // A TTL with its highest bit set counts as 0 (RFC 2181 section 8).
  return {
    type: bytes.readUInt16BE(offset),
    typeOffset: offset,
    ttl: ttl > 0x7fffffff ? 0 : ttl,
    extendedRcode: bytes.readUInt8(offset + 4),
    end,
  };
}

/** Where the name ends that begins here: behind its root label, or behind its first pointer (RFC 1035 section 4.1.4). */
function skipName(bytes: Buffer, start: number): number | undefined {
  let offset = start;
  while (offset < bytes.length) {
    const length = bytes.readUInt8(offset);
    if (length === 0) return offset + 1;
    if (length >= 0xc0) return offset + 2 <= bytes.length ? offset + 2 : undefined;
    if (length > 63) return undefined;
    offset += 1 + length;
  }
  return undefined;
}

function endOf(records: readonly RecordOutline[], start: number | undefined): number | undefined {
  return records.at(-1)?.end ?? start;
}
