import { type FileHandle, open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { BodyChangedError } from './body-changed-error.js';
import { regroup } from './regroup.js';

/** A file by its path: read in parts, and what an upload can go on with after a crash. */
export interface FileBody {
  /** Its path. */
  readonly file: string;
}

/** What can be uploaded. A stream is read once, and can therefore not be gone on with by another process. */
export type UploadBody =
  | string
  | Uint8Array
  | Blob
  | FileBody
  | Readable
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array | string>;

/** By what a file is known to be as it was. */
export interface FileIdentity {
  /** Absolute. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** When it was last written to, in nanoseconds since the epoch, as digits. */
  readonly modified: string;
}

/** One part of a body, counted from 1. It is read when it is needed, and every time the same. */
export interface Part {
  readonly number: number;
  read(): Promise<Uint8Array>;
}

/** A body to be uploaded in parts. */
export interface BodySource {
  /** Bytes; `undefined` where only the end will tell. */
  readonly size: number | undefined;
  /** Where it is a file. */
  readonly file: FileIdentity | undefined;
  /** Its parts in their order, one at least unless it is a stream without a byte. */
  parts(partSize: number): AsyncGenerator<Part, void>;
  /** @throws {BodyChangedError} where it is a file that was written to meanwhile. */
  assertUnchanged(): Promise<void>;
  close(): Promise<void>;
}

/** Whether it is any of these. */
export function isUploadBody(value: unknown): value is UploadBody {
  if (typeof value === 'string') return true;
  if (typeof value !== 'object' || value === null) return false;
  return value instanceof Uint8Array || value instanceof Blob || isStream(value) || isFileBody(value);
}

/** Whether it is a file by its path. */
export function isFileBody(value: unknown): value is FileBody {
  if (typeof value !== 'object' || value === null || isStream(value)) return false;
  return 'file' in value && typeof value.file === 'string' && value.file !== '';
}

/**
 * Opens a body.
 *
 * @param size of a stream, where the caller knows it.
 * @throws what opening a file fails with.
 */
export async function openBody(body: UploadBody, size?: number): Promise<BodySource> {
  if (typeof body === 'string') return sourceOfBytes(Buffer.from(body));
  if (body instanceof Uint8Array) return sourceOfBytes(body);
  if (body instanceof Blob) return sourceOfBlob(body);
  return isFileBody(body) ? sourceOfFile(body.file) : sourceOfStream(body, size);
}

function sourceOfBytes(bytes: Uint8Array): BodySource {
  return pieces(bytes.byteLength, async (start, end) => bytes.subarray(start, end));
}

function sourceOfBlob(blob: Blob): BodySource {
  return pieces(blob.size, async (start, end) => new Uint8Array(await blob.slice(start, end).arrayBuffer()));
}

async function sourceOfFile(path: string): Promise<BodySource> {
  const handle = await open(path, 'r');
  try {
    const file = await identityOf(handle, resolve(path));
    return {
      ...pieces(file.size, (start, end) => readFully(handle, path, start, end)),
      file,
      async assertUnchanged() {
        const now = await identityOf(handle, file.path);
        if (now.size !== file.size || now.modified !== file.modified) throw new BodyChangedError(path);
      },
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function sourceOfStream(stream: AsyncIterable<Uint8Array | string>, size: number | undefined): BodySource {
  const iterator = stream[Symbol.asyncIterator]();
  return {
    size,
    file: undefined,
    async *parts(partSize) {
      let number = 0;
      let length = 0;
      for await (const bytes of regroup({ [Symbol.asyncIterator]: () => iterator }, partSize)) {
        number += 1;
        length += bytes.byteLength;
        if (size !== undefined && length > size) throw wrongLength(size, 'more');
        yield { number, read: async () => bytes };
      }
      // Before the last part is believed to be the last.
      if (size !== undefined && length < size) throw wrongLength(size, `${length}`);
    },
    async assertUnchanged() {},
    async close() {
      // Whatever it is waiting for: nobody will read on.
      if (stream instanceof Readable) stream.destroy();
      else iterator.return?.().catch(() => {});
    },
  };
}

/** It was cut off, or is not the one that was meant; what has come of it is not to be taken for the whole. */
function wrongLength(expected: number, actual: string): RangeError {
  return new RangeError(`the stream has ${actual} bytes, and params.ContentLength says ${expected}`);
}

/** A body that can be read anywhere. */
function pieces(size: number, read: (start: number, end: number) => Promise<Uint8Array>): BodySource {
  return {
    size,
    file: undefined,
    async *parts(partSize) {
      const count = Math.max(1, Math.ceil(size / partSize));
      for (let number = 1; number <= count; number += 1) {
        const start = (number - 1) * partSize;
        yield { number, read: () => read(start, Math.min(size, start + partSize)) };
      }
    },
    async assertUnchanged() {},
    async close() {},
  };
}

async function identityOf(handle: FileHandle, path: string): Promise<FileIdentity> {
  const { size, mtimeNs } = await handle.stat({ bigint: true });
  return { path, size: Number(size), modified: String(mtimeNs) };
}

async function readFully(handle: FileHandle, path: string, start: number, end: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafe(end - start);
  for (let filled = 0; filled < bytes.length; ) {
    const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, start + filled);
    // It has become shorter than it was.
    if (bytesRead === 0) throw new BodyChangedError(path);
    filled += bytesRead;
  }
  return bytes;
}

function isStream(value: object): value is AsyncIterable<Uint8Array | string> {
  return Symbol.asyncIterator in value;
}
