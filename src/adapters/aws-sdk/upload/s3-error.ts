import { classifyFailure } from '../../../retry/index.js';

/** The code of an error of S3, which is the name of the SDK's error; an empty text where there is none. */
export function errorName(error: unknown): string {
  return typeof error === 'object' && error !== null && 'name' in error ? String(error.name) : '';
}

/** Whether there is no such upload: never was, or is completed or aborted. */
export function isNoSuchUpload(error: unknown): boolean {
  return errorName(error) === 'NoSuchUpload';
}

/** Whether there is no such object. HEAD has no body to say which it is that is missing. */
export function isNotFound(error: unknown): boolean {
  return statusOf(error) === 404;
}

/** Whether the credentials do not allow it, such as those that may write and not read. */
export function isForbidden(error: unknown): boolean {
  return statusOf(error) === 403;
}

/** Whether the server does not have the operation at all, as some that speak S3 do not. */
export function isNotImplemented(error: unknown): boolean {
  const status = statusOf(error);
  return status === 405 || status === 501;
}

/** Whether S3 may have done what was asked although it did not say so, or says that it is done already. */
export function isAmbiguous(error: unknown): boolean {
  const failure = classifyFailure(error);
  if (failure.kind === 'network') return true;
  if (failure.kind !== 'response') return errorName(error) === 'NetworkDownError';
  return failure.status < 400 || failure.status >= 500 || failure.status === 412 || isNoSuchUpload(error);
}

function statusOf(error: unknown): number | undefined {
  const failure = classifyFailure(error);
  return failure.kind === 'response' ? failure.status : undefined;
}
