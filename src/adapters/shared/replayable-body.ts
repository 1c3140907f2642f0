import { Readable } from 'node:stream';

/**
 * Whether a request's body can be sent again from the start. Text, bytes, forms and blobs can; what is read as it is sent, such as a stream or an
 * iterator, is gone then.
 */
export function isReplayableBody(body: unknown): boolean {
  if (body === undefined || body === null || typeof body === 'string') return true;
  if (typeof body !== 'object') return false;
  // The npm package form-data calls itself a FormData, and is a stream.
  if ('pipe' in body) return false;
  return ArrayBuffer.isView(body) || REPLAYABLE.has(Reflect.get(body, Symbol.toStringTag));
}

/**
 * Whether a body is a stream that can still be read from its start, though somebody was to send it. Only streams of Node tell; of a web stream
 * or an iterator that a client was given, nobody knows.
 */
export function isUntouchedStream(body: unknown): boolean {
  return body instanceof Readable && !body.destroyed && !Readable.isDisturbed(body);
}

/** By tag, not by class: those of Node and of the undici package are two classes. */
const REPLAYABLE: ReadonlySet<unknown> = new Set(['ArrayBuffer', 'Blob', 'File', 'FormData', 'URLSearchParams']);
