import type { ProbeFailure, Timings } from '../result.js';
import type { TlsFacts } from '../tls/tls-facts.js';
import type { DnsMessage } from './message.js';
import type { DnsQuery } from './query.js';
import type { DnsQuestion } from './question.js';

/** The phases of a probe. */
export type DnsPhase = 'resolve' | 'connect' | 'tls' | 'query';

/** Whom to ask, and what. */
export interface Errand {
  /** An IP address. */
  readonly address: string;
  readonly port: number;
  /** The address to ask from. */
  readonly source: string | undefined;
  readonly question: DnsQuestion;
  /** Makes another query for the question, with an id of its own. */
  makeQuery(): DnsQuery;
  /** Ends the exchange. */
  readonly signal: AbortSignal;
}

/** How an exchange ended, and what was seen on the way. */
export interface Exchange {
  readonly outcome: { readonly kind: 'answer'; readonly message: DnsMessage } | ExchangeFailure;
  readonly timings: Timings<DnsPhase>;
  /** Queries that were sent. */
  readonly queries: number;
  /** Messages that came and were no answer to them. */
  readonly ignored: number;
  /** What TLS agreed on, where it came to that. */
  readonly tls?: TlsFacts | undefined;
}

/** There is no answer. The failure is undefined where only the time was over. */
export interface ExchangeFailure {
  readonly kind: 'failure';
  readonly failure: ProbeFailure | undefined;
}

export const SILENCE: ExchangeFailure = { kind: 'failure', failure: undefined };
