import type { OutageKind } from './settings.js';
import type { OnUploadEvent, UploadResult } from './upload-event.js';

/** The two uploads that run side by side. */
export const CONTENDERS = ['netpause', 'p-retry'] as const;
export type Contender = (typeof CONTENDERS)[number];

/** Where the story takes place: a server, two uploads towards it, and a network that can be taken away. */
export interface Stage {
  /** Whether the outages are only simulated. */
  readonly simulated: boolean;
  /** What was built, for the title. */
  readonly description: readonly string[];
  readonly outages: readonly Outage[];
  /** Runs an upload to its end. Its failure is a result; it rejects only when the demo itself is broken. */
  upload(contender: Contender, onEvent: OnUploadEvent): Promise<UploadResult>;
  /** What the server holds and has received of an upload. */
  received(contender: Contender): Promise<Received>;
}

export interface Outage {
  readonly kind: OutageKind;
  /** In words, what `begin` and `end` do. */
  readonly beginning: string;
  readonly ending: string;
  /** Takes the network away. @returns {@link monotonicMs} right before. */
  begin(): Promise<number>;
  /** Gives it back. @returns {@link monotonicMs} right before. */
  end(): Promise<number>;
}

/** The server's own record. */
export interface Received {
  /** Of the object that is stored, in hex. */
  readonly sha256: string | undefined;
  /** Bytes of part bodies that came in, whole or not, beyond the size of the object. */
  readonly sentAgain: number;
}
