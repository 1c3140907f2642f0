import type { TraceAnswer } from './course-plan.js';
import type { FlowSocket } from './flow-socket.js';

/** Who sends probes by a {@link FlowSocket}. */
export interface FlowUser {
  /** The target: 4 or 16 bytes. */
  readonly ip: Uint8Array;
  /** The same with the port, as a socket address. */
  readonly to: Uint8Array;
  onAnswer(index: number, answer: TraceAnswer): void;
  /** What does not say which probe it is for. @returns the sequence number of the one that it can only be for, if there is one. */
  onUnmatched(socket: FlowSocket, isFromTarget: boolean): number | undefined;
}
