import { NetpauseError } from './netpause-error.js';

/** One attempt took longer than the `timeout` option allows. It counts as a failed attempt. */
export class AttemptTimeoutError extends NetpauseError {
  override readonly code = 'ERR_NETPAUSE_ATTEMPT_TIMEOUT';

  constructor(
    /** The limit that was exceeded, in milliseconds. */
    readonly timeout: number,
  ) {
    super(`the attempt did not finish within ${timeout} ms: raise the option timeout if it needs longer`);
  }
}
