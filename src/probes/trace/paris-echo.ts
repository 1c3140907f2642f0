import {
  ECHO_HEADER_LENGTH,
  type EchoIdentity,
  EchoRequestBuffer,
  internetChecksum,
  TOKEN_LENGTH,
} from '../ping/icmp-echo.js';

/** Where the two bytes are that make up for what else differs. */
const BALANCE = ECHO_HEADER_LENGTH + TOKEN_LENGTH;

/**
 * An echo request whose checksum is the one that is wanted, whatever its sequence number and token: routers that balance load by the first
 * bytes behind the IP header take all of a flow the same way (Augustin et al., "Avoiding traceroute anomalies with Paris traceroute", 2006).
 */
export class ParisEcho {
  readonly bytes: Uint8Array;
  readonly #request: EchoRequestBuffer;
  readonly #view: DataView;

  /** @param payloadSize 10 bytes at least. @param identifier as the kernel will send it. */
  constructor(family: 4 | 6, payloadSize: number, identifier: number) {
    this.#request = new EchoRequestBuffer(family, payloadSize, identifier);
    this.bytes = this.#request.bytes;
    this.#view = new DataView(this.bytes.buffer);
  }

  /** Of IPv6 the kernel adds the sum of the addresses, which is the same for all of a flow. @param checksum not 0. */
  write(identity: EchoIdentity, checksum: number): void {
    this.#view.setUint16(BALANCE, 0);
    this.#request.write(identity);
    // What is missing to the sum of all words, whose complement is the checksum, in ones' complement.
    const missing = (~checksum & 0xffff) + this.#view.getUint16(2);
    this.#view.setUint16(BALANCE, (missing & 0xffff) + (missing >>> 16));
    this.#view.setUint16(2, 0);
    this.#view.setUint16(2, internetChecksum(this.bytes, this.bytes.byteLength));
  }
}
