import type { ConnectAttempt } from '../connect/connect-race.js';
import { escapeText } from '../escape-text.js';
import type { Timings } from '../result.js';
import type { TlsFacts } from '../tls/tls-facts.js';
import type { HopRecord } from './hop.js';
import { withoutUserinfo } from './http-url.js';

/**
 * The phases of one exchange: the name, the handshake of TCP, that of TLS, sending the request, waiting for the first byte, and the rest of
 * the answer.
 */
export type HopPhase = 'resolve' | 'connect' | 'tls' | 'request' | 'firstByte' | 'transfer';

/** The phases of an HTTP probe: those of its last exchange, and `redirect`, all that went before it. */
export type HttpPhase = HopPhase | 'redirect';

/** What an HTTP probe learns beside. What the server said is escaped. */
export interface HttpFacts {
  /** The method of the last request. */
  readonly method: string;
  /** What was asked for in the end, without user name and password. */
  readonly url: string;
  /** Absent where no answer came. */
  readonly status?: number;
  /** `'1.0'`, `'1.1'` or `'2'`. */
  readonly httpVersion?: string;
  /** The header fields that matter to whoever looks after a server, and those that are expected: at most 256 characters of each. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How many bytes of the body were read, as they came: transfer coding taken off, content coding not. */
  readonly bodyBytes?: number;
  /** How many that is after gzip, deflate or br; absent where the body was not encoded. */
  readonly decodedBytes?: number;
  /** There is more of the body than may be read. */
  readonly bodyTruncated?: true;
  /** Absent where no TLS was agreed on. */
  readonly tls?: TlsFacts;
  /** The redirects that were followed. */
  readonly redirects: readonly HttpRedirect[];
  /** Every attempt to connect, those of the redirects included. */
  readonly attempts: readonly ConnectAttempt[];
  /** How the socket was kept to the option `interface`, where that was given. */
  readonly boundBy?: 'device' | 'address';
}

/** One redirect that was followed. */
export interface HttpRedirect {
  /** What was asked for, without user name and password; at most 1,024 characters. */
  readonly url: string;
  /** The status that sent on: 301, 302, 303, 307 or 308. */
  readonly status: number;
  /** The IP address that was asked. */
  readonly address?: string;
  /** Milliseconds. */
  readonly timings: Timings<HopPhase>;
}

/** Which fields stand in the facts, where they are in the answer. */
const SHOWN = [
  'age',
  'alt-svc',
  'cache-control',
  'content-encoding',
  'content-length',
  'content-type',
  'date',
  'etag',
  'expires',
  'last-modified',
  'location',
  'retry-after',
  'server',
  'strict-transport-security',
  'transfer-encoding',
  'via',
] as const;

export function httpFacts(
  hops: readonly HopRecord[],
  last: HopRecord,
  expected: readonly string[],
  boundBy: 'device' | 'address' | undefined,
): HttpFacts {
  const { answer, body, tls } = last;
  return {
    method: last.request.method,
    url: escapeText(last.request.url.href),
    ...(answer !== undefined && {
      status: answer.status,
      httpVersion: answer.httpVersion,
      headers: shownHeaders(answer.headers, expected),
    }),
    ...(body !== undefined && { bodyBytes: body.bytes }),
    ...(body !== undefined && answer?.headers.has('content-encoding') === true && { decodedBytes: body.decodedBytes }),
    ...(body?.isTruncated === true && { bodyTruncated: true as const }),
    ...(tls !== undefined && { tls }),
    redirects: hops.filter((hop) => hop !== last).flatMap(redirectOf),
    attempts: hops.flatMap(({ attempts }) => attempts),
    ...(boundBy !== undefined && { boundBy }),
  };
}

function shownHeaders(
  headers: ReadonlyMap<string, string>,
  expected: readonly string[],
): Readonly<Record<string, string>> {
  const names = [...SHOWN, ...expected.map((name) => name.toLowerCase())];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = headers.get(name);
      return value === undefined ? [] : [[name, escapeText(name === 'location' ? withoutUserinfo(value) : value, 256)]];
    }),
  );
}

function redirectOf({ request, answer, address, timings }: HopRecord): readonly HttpRedirect[] {
  if (answer === undefined) return [];
  return [
    {
      url: escapeText(request.url.href),
      status: answer.status,
      ...(address !== undefined && { address }),
      timings,
    },
  ];
}
