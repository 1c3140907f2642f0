import { types } from 'node:util';
import isNetworkError from 'is-network-error';

/**
 * What p-retry is given in the place of an error from another realm.
 *
 * In a sandbox (`node:vm`, and so every test under Jest) the errors of Node.js itself, of `fetch` and of sockets, are instances of another
 * `Error` than the sandbox's. p-retry goes by class (`onAttemptFailure` in index.js of 7.1): to it they are no errors at all, which it never
 * repeats. Of those that are, a TypeError that speaks of no network is a bug, and not repeated either; the stand-in keeps that difference.
 */
export function standInFor(thrown: unknown): unknown {
  if (!isForeignError(thrown)) return thrown;
  const standIn = isBug(thrown) ? new TypeError(thrown.message) : new Error(thrown.message);
  originals.set(standIn, thrown);
  return standIn;
}

/** The error that this stands for, or the error itself. */
export function originalOf(error: Error): Error {
  return originals.get(error) ?? error;
}

const originals = new WeakMap<Error, Error>();

function isBug(error: Error): boolean {
  return error.name === 'TypeError' && !isNetworkError(error);
}

function isForeignError(thrown: unknown): thrown is Error {
  return types.isNativeError(thrown) && !(thrown instanceof Error);
}
