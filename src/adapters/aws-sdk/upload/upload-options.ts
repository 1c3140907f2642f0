import { InvalidOptionError } from '../../../errors/index.js';
import {
  abortSignal,
  boolean,
  checkComplete,
  checkOptions,
  milliseconds,
  nonEmptyString,
  type OptionRules,
  objectWith,
  oneOf,
  wholeNumberFrom,
} from '../../../options/index.js';
import type { RetryOptions } from '../../../retry/index.js';
import { isNetworkAware } from '../network-aware-handler.js';
import { isFileBody, isUploadBody, type UploadBody } from './body.js';
import type { ChecksumAlgorithm } from './checksum.js';
import type { S3ClientLike } from './object-calls.js';
import { LARGEST_PART, SMALLEST_PART } from './part-size.js';

/** What is uploaded, and what it is to be: as PutObject of the SDK takes it, with a `Body` that can also be a file or any stream. */
export interface UploadParams extends OtherParams {
  /** The bucket's name, or ARN. */
  readonly Bucket: string;
  /** The object's name. */
  readonly Key: string;
  /** The content. */
  readonly Body: UploadBody;
  /**
   * By what each part and the whole are checked.
   *
   * @default 'CRC32'
   */
  readonly ChecksumAlgorithm?: ChecksumAlgorithm | undefined;
  /** The length of a stream in bytes, where it is known: the size of the parts and `total` of the progress come from it, and a stream of another length is not stored. */
  readonly ContentLength?: number | undefined;
}

/** Handed on as they are, and checked by the SDK and S3. */
type OtherParams = {
  readonly [Param in
    | 'ACL'
    | 'BucketKeyEnabled'
    | 'CacheControl'
    | 'ContentDisposition'
    | 'ContentEncoding'
    | 'ContentLanguage'
    | 'ContentType'
    | 'ExpectedBucketOwner'
    | 'Expires'
    | 'GrantFullControl'
    | 'GrantRead'
    | 'GrantReadACP'
    | 'GrantWriteACP'
    | 'IfMatch'
    | 'IfNoneMatch'
    | 'Metadata'
    | 'ObjectLockLegalHoldStatus'
    | 'ObjectLockMode'
    | 'ObjectLockRetainUntilDate'
    | 'RequestPayer'
    | 'SSECustomerAlgorithm'
    | 'SSECustomerKey'
    | 'SSECustomerKeyMD5'
    | 'SSEKMSEncryptionContext'
    | 'SSEKMSKeyId'
    | 'ServerSideEncryption'
    | 'StorageClass'
    | 'Tagging'
    | 'WebsiteRedirectLocation']?: unknown;
};

/** What to upload, and how. The first six are those of `Upload` of `@aws-sdk/lib-storage`. */
export interface UploadOptions
  extends Pick<
    RetryOptions,
    | 'retries'
    | 'factor'
    | 'minTimeout'
    | 'maxTimeout'
    | 'randomize'
    | 'onFailedAttempt'
    | 'shouldRetry'
    | 'unref'
    | 'logger'
  > {
  /** An S3Client that was made with {@link networkAware}. */
  readonly client: S3ClientLike;
  /** Where it goes, and what the object is to be. */
  readonly params: UploadParams;
  /**
   * Parts that are on their way at the same time, and in memory.
   *
   * @default 4
   */
  readonly queueSize?: number | undefined;
  /**
   * Bytes in a part, from 5 MiB. Larger ones are made of what would have more than 10,000. What fits into one part is sent by a single PutObject.
   *
   * @default 5 MiB
   */
  readonly partSize?: number | undefined;
  /**
   * Whether the parts stay at the server when the upload fails or its signal aborts, so that another can go on with them. S3 charges for them
   * until somebody takes them away.
   *
   * @default true with a `stateFile`, otherwise false
   */
  readonly leavePartsOnError?: boolean | undefined;
  /** Ends the upload; it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * For a file: the path of a small file that is written while the upload goes on, and removed in the end. A new upload of the same content with
   * the same path goes on where one has ended that failed, or whose process has.
   *
   * @default none
   */
  readonly stateFile?: string | undefined;
  /**
   * Milliseconds that taking away the parts may take, an outage included.
   *
   * @default 30000
   */
  readonly cleanUpTimeout?: number | undefined;
}

/** @throws {InvalidOptionError} where an option is missing, or has a wrong name, type or range. */
export function checkUploadOptions(options: UploadOptions): void {
  checkOptions('Upload', options, RULES);
  const { client, params } = options;
  checkComplete('Upload', { client, params }, { client: RULES.client, params: RULES.params });
  const { Bucket, Key, Body, ChecksumAlgorithm, ContentLength } = options.params;
  checkComplete('Upload: params', { Bucket, Key, Body }, REQUIRED_PARAMS);
  checkOptions(
    'Upload: params',
    { Bucket, Key, Body, ChecksumAlgorithm, ContentLength },
    { ...REQUIRED_PARAMS, ...PARAM_RULES },
  );
  if (options.stateFile !== undefined && !isFileBody(Body)) {
    throw new InvalidOptionError('Upload: stateFile', options.stateFile, 'left out, unless params.Body is { file }');
  }
}

/** The Retryer checks what is its own. */
const elsewhere = { allowed: '', accepts: () => true };

const RULES: OptionRules<UploadOptions> = {
  client: objectWith(
    'an S3Client that was made with networkAware()',
    (client) =>
      'config' in client && typeof client.config === 'object' && client.config !== null && isAware(client.config),
  ),
  params: objectWith('an object with Bucket, Key and Body', () => true),
  queueSize: wholeNumberFrom(1, 1000),
  partSize: wholeNumberFrom(SMALLEST_PART, LARGEST_PART),
  leavePartsOnError: boolean,
  signal: abortSignal,
  stateFile: nonEmptyString,
  cleanUpTimeout: milliseconds(1),
  retries: elsewhere,
  factor: elsewhere,
  minTimeout: elsewhere,
  maxTimeout: elsewhere,
  randomize: elsewhere,
  onFailedAttempt: elsewhere,
  shouldRetry: elsewhere,
  unref: elsewhere,
  logger: elsewhere,
};

function isAware(config: object): boolean {
  return isNetworkAware({ config });
}

const REQUIRED_PARAMS = {
  Bucket: nonEmptyString,
  Key: nonEmptyString,
  Body: { allowed: 'a string, bytes, a Blob, a stream or { file }', accepts: isUploadBody },
};

const PARAM_RULES = {
  ChecksumAlgorithm: oneOf('CRC32', 'SHA256'),
  ContentLength: wholeNumberFrom(0, Number.MAX_SAFE_INTEGER),
};
