import { NetpauseError } from './netpause-error.js';

/** The reason with which an attempt's signal aborts when the network under it is lost, so that it does not hang on a dead connection. */
export class NetworkDownError extends NetpauseError {
  override readonly code = 'ERR_NETPAUSE_NETWORK_DOWN';

  constructor(
    /** Why the network counts as lost, such as `'no-carrier'`. */
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`the network under this attempt is gone (${reason})`, options);
  }
}
