import { orAborted } from '../../events/index.js';

/** How much of a body is kept so that it can be sent again, in bytes. */
const MOST_KEPT = 1024 * 1024;

/**
 * Reads a body into memory, as far as it is short enough: then it can be sent as often as it must. Of a longer one it gives a stream of the
 * whole, which can be sent once.
 *
 * @throws what the body fails with, or the signal's reason.
 */
export async function bufferStart(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | AsyncIterable<Uint8Array>> {
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    while (length <= MOST_KEPT) {
      const { done, value } = await orAborted(reader.read(), signal);
      if (done) return Buffer.concat(chunks);
      chunks.push(value);
      length += value.byteLength;
    }
  } catch (error) {
    reader.cancel(error).catch(() => {});
    throw error;
  }
  return rejoin(chunks, reader);
}

async function* rejoin(
  chunks: readonly Uint8Array[],
  reader: ReadableStreamDefaultReader<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel();
  }
}
