import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import { toError } from '../../errors/index.js';
import { linkSignals, onAbort } from '../../events/index.js';
import type { ResolveHost } from '../../probes/index.js';

/** What is asked. */
export interface Exchange {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** Milliseconds for everything together. */
  readonly timeout: number;
  /**
   * Milliseconds for a connection to one address. Whoever waits for one that does not come sends ever more seldom, and would hear late that the way
   * is there again.
   */
  readonly connectTimeout: number;
  /** Bytes that the body of the answer may have. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  /** Who is asked for the addresses of the host; not asked where that is one. */
  readonly resolve: ResolveHost;
}

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
}

/**
 * One HTTP request over a connection of its own: a kept one may have died with an outage and nobody would know. Redirects are not followed, and what
 * is too long or too slow is cut off.
 *
 * @throws the signal's reason; an error with a `code` where no answer came.
 */
export async function exchange(asked: Exchange): Promise<Answer> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(tooLate(asked, asked.timeout)), asked.timeout);
  const linked = linkSignals(asked.signal, late.signal);
  try {
    return await send(asked, linked.signal);
  } finally {
    clearTimeout(timer);
    linked.release();
  }
}

function tooLate({ url }: Exchange, timeout: number): Error {
  return Object.assign(new Error(`${url.host} did not answer within ${timeout} ms`), { code: 'ETIMEDOUT' });
}

function send(asked: Exchange, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const request = open(asked, signal);
    const release = onAbort(signal, () => fail(signal.reason));
    const fail = (error: unknown): void => {
      release();
      reject(error);
      request.destroy();
    };
    request.on('error', fail);
    request.once('socket', (socket) => limitConnect(socket, asked, fail));
    // Nobody asked for another protocol.
    request.once('upgrade', () => fail(broken('the answer is another protocol')));
    request.once('response', (response) => {
      read(response, asked.maxBytes).then((text) => {
        release();
        resolve({ status: response.statusCode ?? 0, headers: headersOf(response), text });
        request.destroy();
      }, fail);
    });
    request.end(asked.body);
  });
}

function open({ method, url, headers, body, resolve }: Exchange, signal: AbortSignal): ClientRequest {
  const begin = url.protocol === 'https:' ? requestHttps : requestHttp;
  return begin(url, {
    method,
    agent: false,
    lookup: lookupBy(resolve, signal),
    maxHeaderSize: MOST_HEADER_BYTES,
    headers: {
      accept: 'application/json',
      ...headers,
      ...(body !== undefined && {
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)),
      }),
    },
  });
}

/** From when an address is known: to find one may take longer. */
function limitConnect(socket: Socket, asked: Exchange, fail: (error: Error) => void): void {
  let timer: NodeJS.Timeout | undefined;
  const begin = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => fail(tooLate(asked, asked.connectTimeout)), asked.connectTimeout);
  };
  if (isIP(hostnameOf(asked.url)) === 0) socket.on('lookup', begin);
  else begin();
  socket.once('connect', () => clearTimeout(timer));
  socket.once('close', () => clearTimeout(timer));
}

/** Without the brackets of IPv6. */
function hostnameOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}

/** As `node:net` asks: with `all` for every address, otherwise for one. */
function lookupBy(resolve: ResolveHost, signal: AbortSignal): LookupFunction {
  return (host, { all }, callback) => {
    resolve(host, { family: 'any', signal }).then(
      ({ addresses }) => {
        const found = addresses.map((address) => ({ address, family: isIP(address) }));
        const [first = { address: '', family: 0 }] = found;
        if (all === true) callback(null, found);
        else callback(null, first.address, first.family);
      },
      (error: unknown) => callback(toError(error), []),
    );
  };
}

const MOST_HEADER_BYTES = 16_384;

function read(response: IncomingMessage, maxBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    response.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxBytes) reject(broken(`the answer is longer than ${maxBytes} bytes`));
      else chunks.push(chunk);
    });
    response.once('error', reject);
    response.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    response.once('close', () => reject(broken('the answer broke off')));
  });
}

/** As what a connection ends with. */
function broken(message: string): Error {
  return Object.assign(new Error(message), { code: 'ECONNRESET' });
}

function headersOf({ headers }: IncomingMessage): Answer['headers'] {
  return { 'retry-after': headers['retry-after'], date: headers.date };
}
