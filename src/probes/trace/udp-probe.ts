import type { EchoIdentity } from '../ping/icmp-echo.js';

/** As long as those of traceroute(8), which makes packets of 60 bytes by IPv4. */
const LENGTH = 32;

/** The sequence number, and the token behind it. */
const NAMED = 10;

/** The data of a UDP probe, which names it: its ports are those of the flow. */
export class UdpProbe {
  readonly bytes = new Uint8Array(LENGTH);
  readonly #view = new DataView(this.bytes.buffer);

  write({ sequence, tokenHigh, tokenLow }: EchoIdentity): void {
    this.#view.setUint16(0, sequence);
    this.#view.setUint32(2, tokenHigh);
    this.#view.setUint32(6, tokenLow);
  }
}

/** Which probe data is of, if it names one: many routers quote less. The token is still to be compared. */
export function sequenceOfUdpProbe(bytes: Uint8Array, length: number): number | undefined {
  return length < NAMED ? undefined : ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
}

/** Whether data, of which there is enough, is of this probe. */
export function isUdpProbe(bytes: Uint8Array, { sequence, tokenHigh, tokenLow }: EchoIdentity): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, NAMED);
  return (
    view.getUint16(0) === sequence && view.getUint32(2) === tokenHigh >>> 0 && view.getUint32(6) === tokenLow >>> 0
  );
}
