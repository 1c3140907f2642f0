import { createHash } from 'node:crypto';
import { type ChecksumAlgorithm, checksumOf } from './checksum.js';
import type { S3Output } from './object-calls.js';
import type { UploadParams } from './upload-options.js';

/** What the caller's params say, told apart by what it belongs to. */
export interface ObjectParams {
  /** Goes with every call: whose object it is, and who reads it. */
  readonly identity: S3Output;
  /** What the object is to be beside its content. */
  readonly properties: S3Output;
  /** On what condition it may come into being. */
  readonly conditions: S3Output;
  readonly algorithm: ChecksumAlgorithm;
}

export function splitParams({
  Body: _body,
  ChecksumAlgorithm: algorithm = 'CRC32',
  ...params
}: UploadParams): ObjectParams {
  const named = (names: ReadonlySet<string>): S3Output =>
    Object.fromEntries(Object.entries(params).filter(([name, value]) => names.has(name) && value !== undefined));
  const rest = Object.entries(params).filter(
    ([name, value]) => value !== undefined && !OF_CONTENT.test(name) && !IDENTITY.has(name) && !CONDITIONS.has(name),
  );
  return { identity: named(IDENTITY), properties: Object.fromEntries(rest), conditions: named(CONDITIONS), algorithm };
}

/** By what it is known whether an upload is to become the same object. No way leads back from it to a secret. */
export function hashOf({ properties }: ObjectParams): string {
  const sorted = Object.entries(properties).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex');
}

/** PutObject's own input. */
export function putInput({ properties, conditions, algorithm }: ObjectParams, bytes: Uint8Array): S3Output {
  return {
    ...properties,
    ...conditions,
    Body: bytes,
    ContentLength: bytes.byteLength,
    ChecksumAlgorithm: algorithm,
    [`Checksum${algorithm}`]: checksumOf(algorithm, bytes),
  };
}

const IDENTITY: ReadonlySet<string> = new Set([
  'Bucket',
  'Key',
  'ExpectedBucketOwner',
  'RequestPayer',
  'SSECustomerAlgorithm',
  'SSECustomerKey',
  'SSECustomerKeyMD5',
]);

const CONDITIONS: ReadonlySet<string> = new Set(['IfMatch', 'IfNoneMatch']);

/** What is said of the content is computed of what is really sent. */
const OF_CONTENT = /^(ContentLength|ContentMD5|Checksum.*)$/;
