import { randomInt } from 'node:crypto';
import { AUTHENTIC_DATA, DNSSEC_OK, encode, type OptAnswer, RECURSION_DESIRED } from 'dns-packet';
import type { DnsQuestion } from './question.js';

/** How a question is put. */
export interface QueryStyle {
  readonly recursionDesired: boolean;
  /** Bytes, for EDNS; undefined for a query without it. */
  readonly udpPayloadSize: number | undefined;
  /** The DO bit of EDNS: RRSIG and NSEC records are welcome. */
  readonly dnssecOk: boolean;
}

/** A query as it is sent, and the id by which its answer is known. */
export interface DnsQuery {
  readonly id: number;
  readonly bytes: Buffer;
}

/** A query with an id that cannot be guessed (RFC 5452 section 9.2). */
export function makeQuery({ name, type }: DnsQuestion, style: QueryStyle): DnsQuery {
  const id = randomInt(0, 65_536);
  const bytes = encode({
    type: 'query',
    id,
    // With AD set, a server that validates says so without DO as well (RFC 6840 section 5.7).
    flags: (style.recursionDesired ? RECURSION_DESIRED : 0) | AUTHENTIC_DATA,
    questions: [{ type: 'A', class: 'IN', name }],
    additionals: style.udpPayloadSize === undefined ? [] : [ednsOf(style.udpPayloadSize, style.dnssecOk)],
  });
  // By number, since types that dns-packet does not know can be asked for too.
  bytes.writeUInt16BE(type, HEADER_BYTES + (name === '.' ? 1 : name.length + 2));
  return { id, bytes };
}

const HEADER_BYTES = 12;

function ednsOf(udpPayloadSize: number, dnssecOk: boolean): OptAnswer {
  return {
    type: 'OPT',
    name: '.',
    udpPayloadSize,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: dnssecOk ? DNSSEC_OK : 0,
    flag_do: dnssecOk,
    options: [],
  };
}
