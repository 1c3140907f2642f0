/** The same bytes in pieces of one size, of which only the last may be shorter. A stream without a byte gives none. */
export async function* regroup(
  stream: AsyncIterable<Uint8Array | string>,
  size: number,
): AsyncGenerator<Uint8Array, void> {
  let piece = Buffer.allocUnsafe(size);
  let filled = 0;
  for await (const chunk of stream) {
    let rest = bytesOf(chunk);
    while (rest.byteLength > 0) {
      const taken = rest.subarray(0, size - filled);
      piece.set(taken, filled);
      filled += taken.byteLength;
      rest = rest.subarray(taken.byteLength);
      if (filled < size) continue;
      yield piece;
      // The last one may still be on its way to the server.
      piece = Buffer.allocUnsafe(size);
      filled = 0;
    }
  }
  if (filled > 0) yield piece.subarray(0, filled);
}

/** Whoever made the stream may not have been held to its type. What is left out here would be missing in the object. */
function bytesOf(chunk: unknown): Uint8Array {
  if (typeof chunk === 'string') return Buffer.from(chunk);
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
  throw new TypeError(`the stream gives a chunk of type ${typeof chunk}: it must give bytes or strings`);
}
