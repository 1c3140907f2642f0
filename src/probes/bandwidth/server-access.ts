import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { onAbort } from '../../events/index.js';
import type { LocalEnd } from '../connect/local-end.js';
import { escapeText } from '../escape-text.js';
import { failedBy, failureOf } from '../failure.js';
import { ProbeFailedError } from '../probe-failed-error.js';
import type { ProbeFailure } from '../result.js';
import { LEASE_HEADER, parseJson } from './wire.js';

/** How to reach a server, and what to show it. */
export interface ServerAccess {
  /** The IP address. */
  readonly address: string;
  readonly port: number;
  /** How long the handshake took, in milliseconds. */
  readonly rtt: number;
  /** The value of the header Host. */
  readonly authority: string;
  readonly local: LocalEnd;
  readonly token: string | undefined;
  /** Absent where the server knows no leases. */
  readonly lease?: string | undefined;
}

/**
 * Opens a connection of its own, and sends nothing yet.
 *
 * @param fail is told where no response comes.
 */
export function openRequest(
  access: ServerAccess,
  method: string,
  path: string,
  headers: Readonly<Record<string, string | number>>,
  fail: (failure: ProbeFailure) => void,
): ClientRequest {
  const { local, address, port } = access;
  const asked = request({
    // Without an agent: each stream is a connection, and none is kept.
    createConnection: () => local.connect(address, port),
    method,
    path,
    maxHeaderSize: MOST_HEADER_BYTES,
    headers: { ...headers, ...headersFor(access) },
  });
  asked.on('error', (error) => fail(failureOfRequest(error)));
  // Nobody asked for another protocol, and whoever has it says nothing more by this one.
  asked.once('upgrade', (response) => {
    asked.destroy();
    fail(failureOfStatus(response.statusCode ?? 0, `${method} ${path}`));
  });
  return asked;
}

/** What every request carries. */
export function headersFor({ authority, token, lease }: ServerAccess): Readonly<Record<string, string>> {
  return {
    Host: authority,
    ...(token !== undefined && { Authorization: `Bearer ${token}` }),
    ...(lease !== undefined && { [LEASE_HEADER]: lease }),
  };
}

const MOST_HEADER_BYTES = 16_384;

/** A short answer, read to its end. */
export interface ShortAnswer {
  readonly status: number;
  /** Milliseconds, where the server says so. */
  readonly retryAfter?: number;
  /** What of JSON came; undefined for anything else. */
  readonly body: unknown;
}

/**
 * Asks for something short.
 *
 * @throws {ProbeFailedError} where no answer comes, or one that is too long; the signal's reason.
 */
export function askServer(
  access: ServerAccess,
  method: string,
  path: string,
  signal: AbortSignal,
): Promise<ShortAnswer> {
  return new Promise((resolve, reject) => {
    const fail = (failure: ProbeFailure): void => stop(() => reject(new ProbeFailedError(failure)));
    const asked = openRequest(access, method, path, { 'Content-Length': 0 }, fail);
    const release = signal.aborted ? () => {} : onAbort(signal, () => stop(() => reject(signal.reason)));
    const stop = (settle: () => void): void => {
      release();
      settle();
      asked.destroy();
    };
    asked.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('error', (error) => fail(failureOfRequest(error)));
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > MOST_SHORT)
          fail(failedBy('target', 'too-much', 'the server answered with more than a lease'));
      });
      response.once('end', () => stop(() => resolve(shortAnswer(response, text))));
    });
    if (signal.aborted) stop(() => reject(signal.reason));
    else asked.end();
  });
}

/** Characters. */
const MOST_SHORT = 16_384;

function shortAnswer(response: IncomingMessage, text: string): ShortAnswer {
  const retryAfter = retryAfterOf(response);
  return {
    status: response.statusCode ?? 0,
    ...(retryAfter !== undefined && { retryAfter }),
    body: parseJson(text),
  };
}

function retryAfterOf({ headers }: IncomingMessage): number | undefined {
  const text = headers['retry-after'];
  return text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) * 1_000 : undefined;
}

/** What the error of a request says. */
export function failureOfRequest(error: unknown): ProbeFailure {
  if (error instanceof ProbeFailedError) return error.failure;
  // The names of llhttp's errors: what came is no HTTP.
  const code = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  if (typeof code === 'string' && !code.startsWith('HPE_')) {
    const failure = failureOf(error);
    if (failure !== undefined) return failure;
  }
  return failedBy(
    'target',
    'protocol-error',
    `the server does not speak HTTP as it should: ${escapeText(String(error))}`,
  );
}

/** What a status says that is none of success. */
export function failureOfStatus(status: number, whatFor: string): ProbeFailure {
  if (status === 401) return failedBy('target', 'unauthorized', 'the server wants a token, or another one');
  if (status === 403) return failedBy('target', 'forbidden', 'the server does not allow this address');
  if (status === 429 || status === 503) return busy('the server has no time for another test');
  return failedBy('target', 'unexpected-status', `the server answered ${status} to ${whatFor}`);
}

/** It says nothing of the path that somebody else was first. */
export function busy(message: string): ProbeFailure {
  return { status: 'inconclusive', failureSource: 'target', reason: 'busy', message };
}
