import { NetpauseError } from './netpause-error.js';

/** An outage lasted longer than the caller was willing to wait (`maxPause`, or `timeout` of `waitForNetwork`). */
export class OutageTimeoutError extends NetpauseError {
  override readonly code = 'ERR_NETPAUSE_OUTAGE_TIMEOUT';

  constructor(
    /** The limit that was reached, in milliseconds. */
    readonly timeout: number,
    options?: ErrorOptions,
  ) {
    super(
      `the network did not come back within ${timeout} ms: raise the limit (maxPause, or timeout) to wait longer`,
      options,
    );
  }
}
