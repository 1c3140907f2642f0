import { NetpauseError } from '../errors/index.js';

/**
 * The two ends of a shared network do not understand each other, or the owner cannot judge what the follower asks about. It is emitted as a
 * process warning, and pauses nothing: the network at the follower's end is `unknown` from then on.
 */
export class SharedNetworkError extends NetpauseError {
  override readonly code = 'ERR_NETPAUSE_SHARED_NETWORK';

  constructor(
    /** What is wrong, as a phrase. */
    readonly problem: string,
  ) {
    super(`shared network: ${problem}`);
  }
}
