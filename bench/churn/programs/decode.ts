import { decodeDatagram } from '../../../src/netlink/index.js';
import { serveActor } from '../../../test/lab/actor/serve.js';

/** Decodes the same datagrams over and over. */
const decoder = serveActor(() => ({
  /** @returns messages a second. */
  decode(datagrams: readonly Uint8Array[], milliseconds: number): number {
    const begun = performance.now();
    let messages = 0;
    let elapsed = 0;
    do {
      for (const datagram of datagrams) messages += decodeDatagram(datagram).length;
      elapsed = performance.now() - begun;
    } while (elapsed < milliseconds);
    return (messages / elapsed) * 1_000;
  },
}));

export type Decoder = typeof decoder;
