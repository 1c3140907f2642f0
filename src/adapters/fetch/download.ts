import { resolve } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { InvalidOptionError, isError, toError } from '../../errors/index.js';
import { callSafely, onAbort, orAborted, throwIfAborted } from '../../events/index.js';
import { functionRule, millisecondsOrInfinity } from '../../options/index.js';
import { AbortError, type AttemptContext, type NetworkSource } from '../../retry/index.js';
import type { HttpOptions, StatusOptions } from '../shared/http-options.js';
import { destinationOf, HttpRetryer } from '../shared/http-retryer.js';
import { HttpStatusError } from '../shared/http-status-error.js';
import { judgeAnswer } from './answer.js';
import { ChecksumError } from './checksum-error.js';
import { type Digest, hashOf } from './digest.js';
import { DownloadError } from './download-error.js';
import { PartFile } from './part-file.js';
import { StalledError } from './stalled-error.js';

/** The Retryer's options, those of the way, and what is to be known of the file. */
export interface DownloadOptions extends Omit<HttpOptions, 'idempotent'>, StatusOptions {
  /**
   * The network that the download depends on: a `NetworkMonitor`, `SimulatedNetwork` or your own.
   *
   * @default the monitor that the process shares
   */
  readonly network?: NetworkSource | undefined;
  /** What the requests carry beside their own headers, such as Authorization. */
  readonly headers?: RequestInit['headers'] | undefined;
  /**
   * The SHA-256 that the file must have, in hex. It goes before what the server says by Repr-Digest or Digest, which is verified otherwise.
   *
   * @default none
   */
  readonly sha256?: string | undefined;
  /**
   * How many milliseconds may pass without a byte before the request is ended and resumed.
   *
   * @default 30000
   */
  readonly stallTimeout?: number | undefined;
  /** Called with each chunk that is written. What it throws becomes a process warning. */
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  /**
   * What sends the requests.
   *
   * @default globalThis.fetch, looked up with each request
   */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/** How far a download has come. */
export interface DownloadProgress {
  /** Bytes in the file, those of an earlier call included. It falls to 0 where the file has changed at the server. */
  readonly received: number;
  /** Bytes of the whole, where the server says so. */
  readonly total: number | undefined;
}

/** What a download has come to. */
export interface DownloadResult {
  /** The file's absolute path. */
  readonly file: string;
  /** Its size in bytes. */
  readonly bytes: number;
  /** How many of them were there already, from a call that did not come to its end. */
  readonly resumedFrom: number;
  /** What the file was found to agree with, where there was anything to compare it with. */
  readonly verified: Digest | undefined;
}

/**
 * Downloads a file over HTTP, through outages and crashes.
 *
 * What has come is written to `<file>.part`. When the network is lost, the request is ended, and resumed at that very byte when it is back, without
 * spending an attempt; other failures spend one, and each byte of progress gives them all back. After a crash, the next call with the same
 * arguments resumes too: `<file>.part.json` says what the part belongs to. The file gets its name when it is whole, on the disk and, where there
 * is a checksum, verified; a file that had this name is replaced then, and not before.
 *
 * A part is continued only if it is certain that it belongs to the same content: by a strong ETag or, where there is none, a Last-Modified that is
 * strong (RFC 9110, 8.8.2.2). Otherwise, and where the server knows no ranges, the file is fetched anew. One call at a time for one file.
 *
 * Where it fails, it rejects with the last error of `fetch`, unchanged; with `HttpStatusError` where the server refuses; with `StalledError`,
 * `ChecksumError`, or `DownloadError` for an answer that contradicts itself; and otherwise as `Retryer.run`. What has come stays, to be resumed,
 * where it can be.
 *
 * @throws {InvalidOptionError} as a rejection, where an argument or option has a wrong name, type or range.
 *
 * @example
 * ```
 * await download('https://mirror.example.com/disk.vmdk', '/var/exports/disk.vmdk', {
 *   network: monitor,
 *   onProgress: ({ received, total }) => bar.update(received / (total ?? Infinity)),
 * });
 * ```
 */
export async function download(
  url: string | URL,
  file: string | URL,
  options: DownloadOptions = {},
): Promise<DownloadResult> {
  const { network, headers, sha256, stallTimeout, onProgress, fetch, ...rest } = options;
  check(options);
  const from = new URL(url);
  const destination = destinationOf(from);
  if (destination === undefined) throw new InvalidOptionError('download: url', from.protocol, 'an http: or https: URL');
  const retryer = new HttpRetryer('download', network, rest);
  const path = resolve(file instanceof URL ? fileURLToPath(file) : file);
  if (underWay.has(path)) throw new InvalidOptionError('download: file', path, 'a file that no other call downloads');
  underWay.add(path);
  try {
    const part = await PartFile.open(path, from);
    const { signal } = options;
    const transfer = new Transfer(from, part, { headers, sha256, stallTimeout, onProgress, fetch, signal });
    const facts = { destination, method: 'GET', hasIdempotencyKey: false, isReplayable: true, signal: undefined };
    try {
      return await retryer.run(facts, (_attemptNumber, context) => transfer.attempt(context));
    } finally {
      await part.close();
    }
  } finally {
    underWay.delete(path);
  }
}

const underWay = new Set<string>();

type TransferOptions = Pick<DownloadOptions, 'headers' | 'sha256' | 'stallTimeout' | 'onProgress' | 'fetch' | 'signal'>;

class Transfer {
  readonly #url: URL;
  readonly #part: PartFile;
  readonly #options: TransferOptions;
  #resumedFrom: number;

  constructor(url: URL, part: PartFile, options: TransferOptions) {
    this.#url = url;
    this.#part = part;
    this.#options = options;
    this.#resumedFrom = part.offset;
  }

  async attempt(context: AttemptContext): Promise<DownloadResult> {
    const part = this.#part;
    for (;;) {
      while (!part.isWhole) await this.#fetchOn(context);
      const result = await onDisk(() => this.#finish());
      if (result !== undefined) return result;
    }
  }

  /** One request, and what it brings. */
  async #fetchOn(context: AttemptContext): Promise<void> {
    const part = this.#part;
    const exchange = new Exchange(context.signal, this.#options.stallTimeout ?? DEFAULT_STALL_TIMEOUT);
    try {
      const response = await this.#send(exchange);
      const step = judgeAnswer(response.status, response.headers, part.asked);
      switch (step.kind) {
        case 'refused':
          throw new HttpStatusError(response.status, response.headers, `GET ${this.#url.host}`);
        case 'contradiction':
          throw new DownloadError(step.what);
        case 'outdated':
          this.#resumedFrom = 0;
          return await onDisk(() => part.reset());
        case 'whole':
          return part.end();
        case 'anew':
          this.#resumedFrom = 0;
          await onDisk(() => part.begin(step.content));
          break;
        case 'continue':
          part.continue(step.length);
      }
      await this.#receive(response, exchange, context);
    } finally {
      exchange.close();
    }
  }

  /** A resolver that is silent says nothing against a server that has sent a part already: it is asked again, and no attempt is spent. */
  async #send(exchange: Exchange): Promise<Response> {
    for (let lookups = 1; ; lookups += 1) {
      try {
        return await this.#request(exchange.signal);
      } catch (error) {
        if (this.#part.offset === 0 || lookups === MOST_LOOKUPS || !isTemporaryLookupFailure(error)) throw error;
      }
      exchange.noteProgress();
      await orAborted(pass(LOOKUP_AGAIN_AFTER, undefined, { signal: exchange.signal }), exchange.signal);
    }
  }

  #request(signal: AbortSignal): Promise<Response> {
    const headers = new Headers(this.#options.headers);
    // A range of a compressed content is of no use. Not `Connection: close`: the undici of Node.js 22 and 24 ends the process where a server closes
    // the connection while the last bytes wait to be read (nodejs/undici#5360).
    headers.set('Accept-Encoding', 'identity');
    for (const [name, value] of Object.entries(this.#part.rangeHeaders)) headers.set(name, value);
    const fetch = this.#options.fetch ?? globalThis.fetch;
    return fetch(this.#url, { headers, signal });
  }

  async #receive(response: Response, exchange: Exchange, context: AttemptContext): Promise<void> {
    const part = this.#part;
    const before = part.offset;
    for await (const chunk of response.body ?? []) {
      if (part.length !== undefined && part.offset + chunk.byteLength > part.length) {
        throw new DownloadError(`it sent more than the ${part.length} bytes that it had announced`);
      }
      await onDisk(() => part.write(chunk));
      exchange.noteProgress();
      context.progress(part.offset);
      this.#tellProgress();
    }
    if (part.length === undefined || part.offset === part.length) part.end();
    // Less than was asked for is as good, as long as it is something.
    else if (part.offset === before) throw new DownloadError('it sent nothing where bytes were missing');
  }

  #tellProgress(): void {
    const { onProgress } = this.#options;
    const { offset, length } = this.#part;
    if (onProgress !== undefined) callSafely(() => onProgress({ received: offset, total: length }));
  }

  /** The name for what is whole; `undefined` where it is to be fetched once more, since what an earlier call had left of it was spoiled. */
  async #finish(): Promise<DownloadResult | undefined> {
    const part = this.#part;
    const expected = this.#expected;
    const { offset: bytes } = part;
    // The caller's own: a network that is lost meanwhile is none of its concern.
    const { signal } = this.#options;
    await part.sync();
    if (expected !== undefined) {
      const actual = await hashOf(part.path, expected.algorithm, signal);
      if (actual !== expected.hex) {
        await part.reset();
        if (this.#resumedFrom === 0) throw new ChecksumError(expected.algorithm, expected.hex, actual);
        this.#resumedFrom = 0;
        return undefined;
      }
    }
    throwIfAborted(signal);
    await part.rename();
    return { file: part.file, bytes, resumedFrom: this.#resumedFrom, verified: expected };
  }

  get #expected(): Digest | undefined {
    const { sha256 } = this.#options;
    return sha256 === undefined ? this.#part.digest : { algorithm: 'sha256', hex: sha256.toLowerCase() };
  }
}

/** Milliseconds: no server that lives is silent for so long in the midst of a file. */
const DEFAULT_STALL_TIMEOUT = 30_000;

/** Milliseconds. A resolver that refuses does so at once. */
const LOOKUP_AGAIN_AFTER = 500;

/** For as many failures in a row, which take a minute at least and ten where the resolver is silent. */
const MOST_LOOKUPS = 100;

/** getaddrinfo(3): the resolver did not answer, as opposed to that there is no such name. */
function isTemporaryLookupFailure(error: unknown): boolean {
  const causes = isError(error) ? [error, error.cause] : [];
  return causes.some((each) => isError(each) && 'code' in each && each.code === 'EAI_AGAIN');
}

/** One request, which ends with its attempt, or when nothing has come for too long. */
class Exchange {
  readonly #controller = new AbortController();
  readonly #release: () => void;
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(attempt: AbortSignal, stallTimeout: number) {
    const follow = () => this.#controller.abort(attempt.reason);
    if (attempt.aborted) follow();
    this.#release = attempt.aborted ? () => {} : onAbort(attempt, follow);
    if (stallTimeout !== Number.POSITIVE_INFINITY) {
      this.#timer = setTimeout(() => this.#controller.abort(new StalledError(stallTimeout)), stallTimeout);
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  noteProgress(): void {
    this.#timer?.refresh();
  }

  /** Whatever of the answer has not been read by now will not be. */
  close(): void {
    clearTimeout(this.#timer);
    this.#release();
    this.#controller.abort();
  }
}

/** Work on the file. What fails there, another attempt over the network does not cure. */
async function onDisk<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    throw new AbortError(toError(error));
  }
}

function check({ sha256, stallTimeout, onProgress, fetch }: DownloadOptions): void {
  const demand = (name: string, value: unknown, holds: boolean, allowed: string) => {
    if (value !== undefined && !holds) throw new InvalidOptionError(`download: ${name}`, value, allowed);
  };
  const limit = millisecondsOrInfinity(1);
  demand('sha256', sha256, /^[\da-f]{64}$/i.test(String(sha256)), '64 hexadecimal digits');
  demand('stallTimeout', stallTimeout, limit.accepts(stallTimeout), limit.allowed);
  demand('onProgress', onProgress, functionRule.accepts(onProgress), functionRule.allowed);
  demand('fetch', fetch, functionRule.accepts(fetch), functionRule.allowed);
}
