import { types } from 'node:util';

/** Whether something is an error. By its nature and not by its class: in a sandbox, as under Jest, those of Node.js are of another class. */
export function isError(thrown: unknown): thrown is Error {
  return thrown instanceof Error || types.isNativeError(thrown);
}

/** What was thrown, as an Error: JavaScript lets anything be thrown. */
export function toError(thrown: unknown): Error {
  return isError(thrown) ? thrown : new Error(String(thrown));
}
