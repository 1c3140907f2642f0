import type { Message } from '../../../native/index.js';
import {
  ECHO_HEADER_LENGTH,
  type EchoIdentity,
  EchoRequestBuffer,
  findEchoReply,
  findEchoRequest,
  hasToken,
  identifierAt,
  internetChecksum,
  mayQuote,
  sequenceAt,
  TOKEN_LENGTH,
} from '../ping/icmp-echo.js';
import type { IcmpSocket } from '../ping/open-icmp-socket.js';
import type { SequenceTable } from '../ping/sequence-table.js';
import type { FlowUser } from './flow-user.js';
import type { Meant, ProbeFormat } from './probe-format.js';

/** The data behind the header: together they are as long as a UDP probe. */
const PAYLOAD_LENGTH = 32;

/** Where the two bytes are that make up for what else differs. */
const BALANCE = ECHO_HEADER_LENGTH + TOKEN_LENGTH;

/**
 * Echo requests whose checksum is the identifier of their flow, whatever their sequence number and token: routers that balance load by the
 * first bytes behind the IP header take all of a flow the same way (Augustin et al., "Avoiding traceroute anomalies with Paris traceroute",
 * 2006).
 */
export class EchoFormat implements ProbeFormat {
  readonly bytes: Uint8Array;
  readonly hiddenHeader = 0;
  readonly #family: 4 | 6;
  readonly #method: IcmpSocket['method'];
  readonly #identifier: number;
  readonly #request: EchoRequestBuffer;
  readonly #view: DataView;

  /** @param identifier as the kernel will send it. */
  constructor(family: 4 | 6, method: IcmpSocket['method'], identifier: number) {
    this.#family = family;
    this.#method = method;
    this.#identifier = identifier;
    this.#request = new EchoRequestBuffer(family, PAYLOAD_LENGTH, identifier);
    this.bytes = this.#request.bytes;
    this.#view = new DataView(this.bytes.buffer);
  }

  /** Of IPv6 the kernel adds the sum of the addresses to the checksum, which is the same for all of a flow. @param flowId not 0. */
  write(identity: EchoIdentity, flowId: number): void {
    this.#view.setUint16(BALANCE, 0);
    this.#request.write(identity);
    // What is missing to the sum of all words, whose complement is the checksum, in ones' complement.
    const missing = (~flowId & 0xffff) + this.#view.getUint16(2);
    this.#view.setUint16(BALANCE, (missing & 0xffff) + (missing >>> 16));
    this.#view.setUint16(2, 0);
    this.#view.setUint16(2, internetChecksum(this.bytes, this.bytes.byteLength));
  }

  inReply({ bytes, length }: Message, table: SequenceTable<FlowUser>): Meant {
    const from = this.#method === 'icmp-raw' && this.#family === 4 ? 'ip' : 'icmp';
    const at = findEchoReply(bytes, length, this.#family, from);
    // Whoever answers gives back all that he was sent, so that the token is there.
    if (at === -1 || length < at + BALANCE || !this.#isOurs(bytes, at)) return 'foreign';
    const entry = table.get(sequenceAt(bytes, at));
    return entry !== undefined && hasToken(bytes, at, length, entry) ? entry : 'foreign';
  }

  inError({ bytes, length }: Message, table: SequenceTable<FlowUser>): Meant {
    const at = findEchoRequest(bytes, length, this.#family);
    if (at === -1 || !this.#isOurs(bytes, at)) return 'foreign';
    const entry = table.get(sequenceAt(bytes, at));
    return entry !== undefined && mayQuote(bytes, at, length, entry) ? entry : 'foreign';
  }

  /** A raw socket hears what is for others. */
  #isOurs(bytes: Uint8Array, at: number): boolean {
    return this.#method === 'icmp-datagram' || identifierAt(bytes, at) === this.#identifier;
  }
}
