import { NetpauseError } from '../errors/index.js';

/** The reason with which work is aborted because the service ends; see `gracefulShutdown`. */
export class ShutdownError extends NetpauseError {
  override readonly code = 'ERR_NETPAUSE_SHUTDOWN';

  constructor(
    /** What ended the service: a signal of the operating system, or the program itself. */
    readonly trigger: NodeJS.Signals | 'program',
  ) {
    super(`the service is shutting down (${trigger === 'program' ? 'by itself' : trigger})`);
  }
}
