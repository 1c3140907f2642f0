import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';

/**
 * Keeps the native part of a session until that of its stream is gone.
 *
 * Both are freed by the garbage collector, and where a session goes first while its stream still holds a part of the header fields, Node.js
 * ends the process (src/node_http2.cc, `~Http2Session`, `current_nghttp2_memory_ == 0`; seen with 20, 22, 24 and 26). A server can bring
 * that about: by a frame that breaks the rules within a header block, or by a header block without an end while it does not read a body.
 * What a registry holds for a target stays until that target has been collected.
 *
 * @returns what lets go of the session at once, for a stream that has come to its end: no header fields can come any more.
 */
export function outliveStream(session: ClientHttp2Session, stream: ClientHttp2Stream): () => void {
  const [ofSession, ofStream] = [handleOf(session), handleOf(stream)];
  if (ofSession === undefined || ofStream === undefined) return () => {};
  streams.register(ofStream, ofSession, ofStream);
  return () => streams.unregister(ofStream);
}

const streams = new FinalizationRegistry<object>(() => {});

/** The native part has no public name; it is there as soon as the socket is connected (lib/internal/http2/core.js, `setupHandle`, `kInit`). */
function handleOf(owner: ClientHttp2Session | ClientHttp2Stream): object | undefined {
  const key = Reflect.ownKeys(owner).find((each) => typeof each === 'symbol' && each.description === 'kHandle');
  const handle: unknown = key === undefined ? undefined : Reflect.get(owner, key);
  return typeof handle === 'object' && handle !== null ? handle : undefined;
}
