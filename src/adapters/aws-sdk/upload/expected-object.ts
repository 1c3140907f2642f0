import { type ChecksumAlgorithm, compositeChecksum, compositeETag, unquoted } from './checksum.js';
import { type S3Output, textIn } from './object-calls.js';

/** A part as the server has acknowledged it. */
export interface StoredPart {
  readonly number: number;
  /** Bytes. */
  readonly size: number;
  readonly etag: string;
  /** Base64. */
  readonly checksum: string;
}

/** What the object has to be like when it is made of its parts. */
export interface ExpectedObject {
  readonly size: number;
  readonly algorithm: ChecksumAlgorithm;
  readonly checksum: string;
  /** `undefined` where the parts' ETags are no MD5s. */
  readonly etag: string | undefined;
}

/** How an object at the server compares. `unknown`: it tells nothing that could be compared. */
export type Comparison =
  | { readonly verdict: 'same' | 'unknown' }
  | { readonly verdict: 'different'; readonly what: string; readonly expected: string; readonly actual: string };

export function expectedObject(algorithm: ChecksumAlgorithm, parts: readonly StoredPart[]): ExpectedObject {
  return {
    size: parts.reduce((sum, { size }) => sum + size, 0),
    algorithm,
    checksum: compositeChecksum(
      algorithm,
      parts.map(({ checksum }) => checksum),
    ),
    etag: compositeETag(parts.map(({ etag }) => etag)),
  };
}

/**
 * Compares what an answer says of an object: its checksum before its ETag, and that before its size. That an ETag is another proves nothing, since
 * an object that is encrypted, or held by another make of server, has one that is made in another way.
 */
export function compare(expected: ExpectedObject, answer: S3Output): Comparison {
  const { size, algorithm } = expected;
  const length = answer['ContentLength'];
  if (typeof length === 'number' && length !== size) return different('size', String(size), String(length));
  const checksum = textIn(answer, `Checksum${algorithm}`);
  // One without the number of parts is that of the content as a whole.
  if (checksum?.includes('-')) {
    return checksum === expected.checksum ? SAME : different(algorithm, expected.checksum, checksum);
  }
  const etag = textIn(answer, 'ETag');
  return etag !== undefined && unquoted(etag) === expected.etag ? SAME : { verdict: 'unknown' };
}

const SAME: Comparison = { verdict: 'same' };

function different(what: string, expected: string, actual: string): Comparison {
  return { verdict: 'different', what, expected, actual };
}
