import { NetworkDownError } from '../../../errors/index.js';
import { classifyFailure } from '../../../retry/index.js';
import { errorName } from './s3-error.js';
import { UploadMismatchError } from './upload-mismatch-error.js';

/** Whether another attempt may succeed where this one failed, after the SDK has made its own: not where S3 says that something is wrong. */
export function mayBeCured(error: unknown): boolean {
  if (error instanceof NetworkDownError || error instanceof UploadMismatchError) return true;
  const failure = classifyFailure(error);
  if (failure.kind === 'response') return isTemporary(failure.status) || TEMPORARY_CODES.has(errorName(error));
  return failure.kind !== 'unknown' || TEMPORARY_CODES.has(errorName(error));
}

/** Below 400 it is an answer that could not be read to its end, or one that says 200 and holds an error. */
function isTemporary(status: number): boolean {
  return status < 400 || status === 408 || status === 429 || (status >= 500 && status !== 501);
}

/** Amazon S3 API Reference, "Error responses": what is answered with 400 and 409 for trouble on the way; and the SDK's own. */
const TEMPORARY_CODES: ReadonlySet<string> = new Set([
  'BadDigest',
  'ConditionalRequestConflict',
  'CredentialsProviderError',
  'IncompleteBody',
  'OperationAborted',
  'RequestTimeout',
  'XAmzContentSHA256Mismatch',
]);
