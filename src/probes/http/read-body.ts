import type { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TextDecoder } from 'node:util';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { toError } from '../../errors/index.js';
import { failedBy } from '../failure.js';
import { ProbeFailedError } from '../probe-failed-error.js';
import type { HttpAnswer } from './answer.js';

/** What was read of a body. */
export interface HttpBody {
  /** How many bytes came, transfer coding taken off; of a body that was cut, those that were read. */
  readonly bytes: number;
  /** How many that is after decoding. */
  readonly decodedBytes: number;
  /** Whether there is more than may be read. */
  readonly isTruncated: boolean;
  /** The body as text; absent where it was not asked for, or is encoded in a way that is not known here. */
  readonly text?: string;
}

/** Reads a body, and never more of it than may be read. @throws {Error} where it breaks off. */
export async function readBody(
  { body, headers, whyIncomplete }: HttpAnswer,
  maxBytes: number,
  wantsText: boolean,
): Promise<HttpBody> {
  const encoding = (headers.get('content-encoding') ?? 'identity').trim().toLowerCase();
  const raw = new BoundedBytes(maxBytes, false);
  const decoded = new BoundedBytes(maxBytes, wantsText);
  const decoder = DECODERS.get(encoding)?.();
  const ended = await endOf(
    decoder === undefined ? pipeline(body, raw.pass, decoded.drain) : pipeline(body, raw.pass, decoder, decoded.drain),
  );
  if (!(ended instanceof BodyTooLargeError)) {
    // What breaks off cannot be decoded either; that it breaks off is the cause.
    const isUndecodable = isOf(decoder, ended);
    const why = whyIncomplete(isUndecodable ? undefined : ended);
    if (why !== undefined) throw why;
    // HEAD, 204 and 304 tell the encoding of a body that does not come.
    if (isUndecodable && raw.count > 0) throw notDecodable(encoding);
  }
  const isReadable = decoder !== undefined || encoding === 'identity' || encoding === '';
  return {
    bytes: raw.count,
    decodedBytes: decoded.count,
    isTruncated: raw.isExceeded || decoded.isExceeded,
    ...(wantsText && isReadable && { text: textOf(decoded.chunks, headers.get('content-type')) }),
  };
}

/** RFC 9110 section 8.4.1. */
const DECODERS: ReadonlyMap<string, () => Transform> = new Map([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
]);

async function endOf(reading: Promise<void>): Promise<Error | undefined> {
  return reading.then(() => undefined, toError);
}

class BodyTooLargeError extends Error {}

/** Counts what passes, and ends it where that is too much. */
class BoundedBytes {
  readonly chunks: Buffer[] = [];
  readonly #max: number;
  readonly #keeps: boolean;
  #count = 0;
  #isExceeded = false;

  constructor(max: number, keeps: boolean) {
    this.#max = max;
    this.#keeps = keeps;
  }

  get count(): number {
    return this.#count;
  }

  get isExceeded(): boolean {
    return this.#isExceeded;
  }

  readonly pass = async function* (this: BoundedBytes, source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      const fitting = this.#take(chunk);
      if (fitting.length > 0) yield fitting;
      if (this.#isExceeded) throw new BodyTooLargeError();
    }
  }.bind(this);

  readonly drain = async (source: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of this.pass(source)) {
      if (this.#keeps) this.chunks.push(chunk);
    }
  };

  #take(chunk: Buffer): Buffer {
    const fitting = chunk.subarray(0, this.#max - this.#count);
    this.#count += fitting.length;
    this.#isExceeded = fitting.length < chunk.length;
    return fitting;
  }
}

function isOf(decoder: Readable | undefined, error: unknown): boolean {
  return decoder !== undefined && decoder.errored === error && isZlibError(error);
}

/** A body that breaks off ends its decoder with the body's own error. */
function isZlibError(error: unknown): boolean {
  return error instanceof Error && 'errno' in error && 'code' in error && !('syscall' in error);
}

function notDecodable(encoding: string): ProbeFailedError {
  return new ProbeFailedError(
    failedBy('target', 'bad-encoding', `the body is not what its encoding says, ${encoding}`),
  );
}

function textOf(chunks: readonly Buffer[], contentType = ''): string {
  const [, charset = 'utf-8'] = /charset="?([\w.:-]+)/i.exec(contentType) ?? [];
  return decoderOf(charset).decode(Buffer.concat(chunks));
}

function decoderOf(charset: string): TextDecoder {
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder();
  }
}
