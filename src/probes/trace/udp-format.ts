import type { Message } from '../../../native/index.js';
import type { EchoIdentity } from '../ping/icmp-echo.js';
import type { SequenceTable } from '../ping/sequence-table.js';
import type { FlowUser } from './flow-user.js';
import type { Meant, ProbeFormat } from './probe-format.js';

/** As long as those of traceroute(8), which makes packets of 60 bytes by IPv4. */
const LENGTH = 32;

/** The sequence number, and the token behind it. */
const NAMED = 10;

/** UDP datagrams whose data names them, since their ports are those of the flow. */
export class UdpFormat implements ProbeFormat {
  readonly bytes = new Uint8Array(LENGTH);
  readonly hiddenHeader = 8;
  readonly #view = new DataView(this.bytes.buffer);

  write({ sequence, tokenHigh, tokenLow }: EchoIdentity): void {
    this.#view.setUint16(0, sequence);
    this.#view.setUint32(2, tokenHigh);
    this.#view.setUint32(6, tokenLow);
  }

  /** Whoever listens there answers what he likes. */
  inReply(message: Message, table: SequenceTable<FlowUser>): Meant {
    const meant = this.inError(message, table);
    return meant === 'foreign' ? 'unnamed' : meant;
  }

  inError({ bytes, length }: Message, table: SequenceTable<FlowUser>): Meant {
    // Many routers quote less; those that put extensions behind it fill up with zeros in between (RFC 4884 section 3).
    if (length < NAMED || bytes.subarray(0, NAMED).every((byte) => byte === 0)) return 'unnamed';
    const view = new DataView(bytes.buffer, bytes.byteOffset, NAMED);
    const entry = table.get(view.getUint16(0));
    if (entry === undefined) return 'foreign';
    const { tokenHigh, tokenLow } = entry;
    return view.getUint32(2) === tokenHigh && view.getUint32(6) === tokenLow ? entry : 'foreign';
  }
}
