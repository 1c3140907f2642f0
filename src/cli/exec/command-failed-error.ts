import { describeEnding, type Ending } from './disposition.js';

/** A run of the command failed, as the Retryer is told of it. */
export class CommandFailedError extends Error {
  override readonly name = 'CommandFailedError';

  constructor(
    readonly ending: Ending,
    /** `'ERR_NETWORK'` has the Retryer ask the monitor whether the network was to blame. */
    readonly code: 'ERR_NETWORK' | 'ERR_COMMAND_FAILED',
    options?: ErrorOptions,
  ) {
    super(`the command failed (${describeEnding(ending)})`, options);
  }
}
