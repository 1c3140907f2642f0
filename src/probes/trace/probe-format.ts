import type { Message } from '../../../native/index.js';
import type { EchoIdentity } from '../ping/icmp-echo.js';
import type { Outstanding, SequenceTable } from '../ping/sequence-table.js';
import type { FlowUser } from './flow-user.js';

/**
 * Which probe something that came is for: `'unnamed'` where it does not say, because less was quoted or the target answers what it likes;
 * `'foreign'` where it is for none, or made up.
 */
export type Meant = Outstanding<FlowUser> | 'unnamed' | 'foreign';

/** How probes of one protocol are written, and known again. */
export interface ProbeFormat {
  /** What is sent: written anew for each probe. */
  readonly bytes: Uint8Array;
  /** How many bytes of it the kernel takes away in front of what an error quotes. */
  readonly hiddenHeader: number;
  /** @param flowId see `TraceFlow`. */
  write(identity: EchoIdentity, flowId: number): void;
  /** For which probe an answer of the target is. Whether it is from the target is still to be looked at. */
  inReply(message: Message, table: SequenceTable<FlowUser>): Meant;
  /** The same for an error, of which the message is what it quotes. */
  inError(message: Message, table: SequenceTable<FlowUser>): Meant;
}
