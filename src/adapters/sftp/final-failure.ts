import { isError, toError } from '../../errors/index.js';
import { AbortError, classifyFailure } from '../../retry/index.js';

/**
 * What a transfer or an opening has failed with, as the retryer should see it: what would be the same at every repetition is wrapped so that it is
 * not repeated, and the call still rejects with the error itself.
 *
 * Every status of an SFTP server is an answer: there is no such file, it may not be written, the disk is full. So is a refused login, which repeats
 * would only turn into a locked account, and a refused host key. What is left to be repeated is a lost connection, and a
 * shortage of this process that passes.
 */
export function asTransferFailure(error: unknown): unknown {
  return isFinal(error) ? new AbortError(toError(error)) : error;
}

/** What the caller's own work with ssh2-sftp-client has failed with. What is not an answer of the server's is the caller's to judge. */
export function asClientFailure(error: unknown): unknown {
  const isAnswer =
    isError(error) && 'code' in error && (typeof error.code === 'number' || ANSWERS.has(String(error.code)));
  return isAnswer ? new AbortError(error) : error;
}

/** Codes that ssh2-sftp-client gives to statuses, or to what it has found out by asking for one (constants.js). */
const ANSWERS: ReadonlySet<string> = new Set(['EACCES', 'ENOENT', 'ENOTDIR', 'ERR_BAD_PATH']);

function isFinal(error: unknown): boolean {
  if (error instanceof AbortError) return false;
  const failure = classifyFailure(error);
  if (failure.kind === 'network') return false;
  return failure.kind !== 'local' || !(failure.nothingSent || PASSING.has(failure.code));
}

/** Too many files or sockets, or too little memory, at this moment. */
const PASSING: ReadonlySet<string> = new Set(['EAGAIN', 'EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM']);
