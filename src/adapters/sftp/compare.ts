import { Pipeline } from './pipeline.js';
import type { Handle, RemoteFiles } from './remote-files.js';
import { CHUNK } from './settings.js';

/** A part of a file at the server. */
export interface RemoteRegion {
  readonly files: RemoteFiles;
  readonly handle: Handle;
  readonly from: number;
  readonly to: number;
  /** Bytes that may be asked for at a time. */
  readonly window: number;
}

/** Reads a region in order, in pieces of one chunk at most; the last may be short or missing where the file ends early. */
export async function* readRegion({ files, handle, from, to, window }: RemoteRegion): AsyncGenerator<Buffer> {
  const reading = new Pipeline<Buffer>(window);
  let asked = from;
  for (;;) {
    while (asked < to && reading.hasRoomFor(CHUNK)) {
      const length = Math.min(CHUNK, to - asked);
      reading.add(length, readFully(files, handle, asked, length));
      asked += length;
    }
    const piece = await reading.next();
    if (piece === undefined) return;
    yield piece;
    if (piece.length < CHUNK) {
      // Either it was the last, or the file has ended.
      return;
    }
  }
}

/**
 * How far a region is the same as the bytes that a reader gives for it.
 *
 * @returns the offset of the first byte that differs or is missing on either side; the end of the region where there is none.
 */
export async function agreement(
  region: RemoteRegion,
  read: (offset: number, length: number) => Promise<Buffer>,
): Promise<number> {
  let offset = region.from;
  for await (const there of readRegion(region)) {
    const here = await read(offset, there.length);
    const same = commonLength(there, here);
    offset += same;
    if (same < there.length) break;
  }
  return offset;
}

/** A server may give less than it is asked for. */
async function readFully(files: RemoteFiles, handle: Handle, offset: number, length: number): Promise<Buffer> {
  const first = await files.read(handle, offset, length);
  if (first.length === length || first.length === 0) return first;
  return Buffer.concat([first, await readFully(files, handle, offset + first.length, length - first.length)]);
}

function commonLength(a: Buffer, b: Buffer): number {
  const length = Math.min(a.length, b.length);
  if (a.subarray(0, length).equals(b.subarray(0, length))) return length;
  return a.findIndex((byte, index) => byte !== b[index]);
}
