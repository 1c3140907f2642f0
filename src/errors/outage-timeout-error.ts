import { NetpauseError } from './netpause-error.js';

/** An outage lasted longer than the caller was willing to wait (`maxPause`, or `timeout` of `waitForNetwork`). */
export class OutageTimeoutError extends NetpauseError {
  override readonly code = 'ERR_NETPAUSE_OUTAGE_TIMEOUT';

  constructor(
    /** How long the wait lasted at most, in milliseconds. */
    readonly waited: number,
    options?: ErrorOptions,
  ) {
    super(`the network did not come back within ${waited} ms`, options);
  }
}
