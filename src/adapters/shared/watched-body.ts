/** What looks after the reading of a body. */
export interface BodyCare {
  /** Whose body it is. It has to be held: undici closes the body of a response that is garbage, as if it had come to its end. */
  readonly response: object;
  /** Begins to watch the network under it, and returns what ends that. */
  readonly watch: (onLost: (error: Error) => void) => () => void;
  /** Ends the transfer, upon which the body fails with this error. */
  readonly end: (error: unknown) => void;
  /** The body has come to its end, has failed, was cancelled, or is garbage: so it must not hold what {@link watchedBody} returns. */
  readonly onSettled: () => void;
}

/**
 * The same body, but its reader does not hang on a network that is lost. The network is watched only while a read waits for the next chunk: what
 * is never read leaves nothing behind, and what is read from memory costs nothing.
 */
export function watchedBody(body: ReadableStream<Uint8Array>, care: BodyCare): ReadableStream<Uint8Array> {
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  const watched: ReadableStream<Uint8Array> = new ReadableStream(
    {
      type: 'bytes',
      async pull(controller) {
        // Not before the first read: a body that is locked is not closed by undici when nobody holds it any more.
        reader ??= body.getReader();
        try {
          const { done, value } = await nextChunk(reader, care);
          if (!done) return controller.enqueue(value);
          care.onSettled();
          controller.close();
          // A reader that brought its own buffer gets it back only now.
          controller.byobRequest?.respond(0);
        } catch (error) {
          care.onSettled();
          throw error;
        }
      },
      async cancel(reason) {
        care.onSettled();
        await (reader === undefined ? body.cancel(reason) : reader.cancel(reason));
      },
    },
    { highWaterMark: 0 },
  );
  abandoned.register(watched, care.onSettled);
  return watched;
}

/** A body that nobody reads to its end must not hang on the caller's signal for as long as that lives. */
const abandoned = new FinalizationRegistry<() => void>((release) => release());

/** Not an empty one, such as a decoder gives at times: a byte stream takes none. */
async function nextChunk(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  care: BodyCare,
): Promise<Awaited<ReturnType<typeof reader.read>>> {
  for (;;) {
    const result = await withWatch(reader.read(), care);
    if (result.done || result.value.byteLength > 0) return result;
  }
}

async function withWatch<Value>(read: Promise<Value>, { watch, end }: BodyCare): Promise<Value> {
  let release = () => {};
  let lost: Error | undefined;
  const soon = setImmediate(() => {
    release = watch((error) => {
      lost = error;
      end(error);
    });
  });
  try {
    return await read;
  } catch (error) {
    // The client may say it in its own words.
    throw lost ?? error;
  } finally {
    clearImmediate(soon);
    release();
  }
}
