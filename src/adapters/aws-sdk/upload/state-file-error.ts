import { NetpauseError } from '../../../errors/index.js';

/** The state file holds something else than the state of this upload, and is left as it is. */
export class StateFileError extends NetpauseError {
  override readonly code = 'ERR_NETPAUSE_STATE_FILE';

  constructor(
    /** The file. */
    readonly path: string,
    what: string,
    options?: ErrorOptions,
  ) {
    super(`the state file ${path} ${what}: name another one, or delete it`, options);
  }
}
