import type { ProbeResult } from '../result.js';
import type { TlsFacts } from '../tls/tls-facts.js';
import type { DnsTransport } from './dns-options.js';
import type { DnsPhase } from './exchange.js';
import { type DnsAnswer, type DnsMessage, MOST_ANSWERS } from './message.js';
import type { DnsFlags } from './outline.js';
import type { DnsQuestion } from './question.js';
import { rcodeNumber } from './rcodes.js';
import { recordTypeName } from './record-types.js';

/** What is learnt by asking. What no answer told is absent. */
export interface DnsFacts {
  /** What was asked, in ASCII; for an IP address its reverse name. */
  readonly question: {
    /** Without the final dot. */
    readonly name: string;
    /** `'A'`, or `'TYPE…'` for what has no name here. */
    readonly type: string;
  };
  /** Who was asked, as `'192.0.2.53:53'`, by name where it was given by name; `'system'` for the name servers of this system. */
  readonly server: string;
  /** How the answer came or should have come: by TCP where it did not fit into UDP. */
  readonly transport: DnsTransport | 'system';
  /** The response code: `'NOERROR'`, `'NXDOMAIN'`, … */
  readonly rcode?: string;
  /** Its number. */
  readonly rcodeNumber?: number;
  /** The bits of the header. `ad` says that the server has validated the answer by DNSSEC. */
  readonly flags?: DnsFlags;
  /** The first 256 records of the answer. Safe to print: what is not printable ASCII is written as `\DDD`. */
  readonly answers: readonly DnsAnswer[];
  /** How many records the answer has. */
  readonly answerCount?: number;
  /** How many records tell of the authority. */
  readonly authorityCount?: number;
  /** How many records come with it, that of EDNS included. */
  readonly additionalCount?: number;
  /** The lowest TTL of the answer's records, in seconds. */
  readonly ttl?: number;
  /** How long the message was. */
  readonly responseBytes?: number;
  /** Whether an answer by UDP was cut off. */
  readonly truncated: boolean;
  /** How many queries were sent, by UDP and TCP together; for the system 1, however often it asked. */
  readonly queries: number;
  /** How many messages came that were no answer to them: with another id or question, or none at all. */
  readonly ignored: number;
  /** What TLS agreed on, and what certificate the server showed. */
  readonly tls?: TlsFacts;
}

/** What `probeDns` resolves to. */
export type DnsResult = ProbeResult<DnsFacts, DnsPhase>;

/** Who was asked, and what. */
export interface Asked {
  readonly question: DnsQuestion;
  readonly server: string;
  readonly transport: DnsTransport | 'system';
}

/** What the asking was like. */
export interface Asking {
  readonly truncated: boolean;
  readonly queries: number;
  readonly ignored: number;
  readonly tls?: TlsFacts | undefined;
}

/** What an answer told: all of a message, or what the system makes of one. */
export type Told = Pick<DnsMessage, 'rcode' | 'answers' | 'answerCount'> &
  Partial<Pick<DnsMessage, 'flags' | 'authorityCount' | 'additionalCount' | 'bytes'>>;

/** Puts together what is known. */
export function dnsFacts({ question, server, transport }: Asked, { tls, ...asking }: Asking, told?: Told): DnsFacts {
  return {
    question: { name: question.name, type: recordTypeName(question.type) },
    server,
    transport,
    ...(told === undefined ? { answers: [] } : toldFacts(told)),
    ...asking,
    ...(tls !== undefined && { tls }),
  };
}

function toldFacts({ rcode, flags, answers, answerCount, authorityCount, additionalCount, bytes }: Told) {
  const ttls = answers.flatMap(({ ttl }) => ttl ?? []);
  return {
    rcode,
    rcodeNumber: rcodeNumber(rcode),
    ...(flags !== undefined && { flags }),
    answers: answers.slice(0, MOST_ANSWERS).map(shortened),
    answerCount,
    ...(authorityCount !== undefined && { authorityCount }),
    ...(additionalCount !== undefined && { additionalCount }),
    ...(ttls.length > 0 && { ttl: Math.min(...ttls) }),
    ...(bytes !== undefined && { responseBytes: bytes }),
  };
}

/** Characters of one record's data that are kept: a key has some hundreds, a TXT record may have a quarter of a million. */
const LONGEST_DATA = 2_048;

function shortened(answer: DnsAnswer): DnsAnswer {
  return answer.data.length <= LONGEST_DATA
    ? answer
    : { ...answer, data: `${answer.data.slice(0, LONGEST_DATA - 1)}…` };
}
