import { align } from '../../src/netlink/attributes.js';

/** Messages by their type, so that the few acknowledgements are tried as often as the many routes. */
export type Corpus = readonly (readonly Uint8Array[])[];

/** Takes little-endian datagrams apart into messages, each with its padding. Those that are alike are taken once. */
export function corpusOf(datagrams: readonly Uint8Array[]): Corpus {
  const byType = new Map<number, Map<string, Uint8Array>>();
  for (const bytes of datagrams) {
    for (const [type, message] of messagesIn(bytes)) {
      const messages = byType.get(type) ?? new Map<string, Uint8Array>();
      byType.set(type, messages.set(Buffer.from(message).toString('latin1'), message));
    }
  }
  return [...byType.values()].map((messages) => [...messages.values()]);
}

function* messagesIn(bytes: Uint8Array): Generator<readonly [type: number, message: Uint8Array]> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(at + align(view.getUint32(at, true)), bytes.length);
    yield [view.getUint16(at + 4, true), bytes.slice(at, end)];
    at = end;
  }
}
