import { NetpauseError } from '../../errors/index.js';

/** What was downloaded is not what was expected. It has been deleted. */
export class ChecksumError extends NetpauseError {
  override readonly code = 'ERR_NETPAUSE_CHECKSUM';

  constructor(
    /** As `node:crypto` names it. */
    readonly algorithm: string,
    /** In hex. */
    readonly expected: string,
    /** In hex. */
    readonly actual: string,
  ) {
    super(`the downloaded file has the ${algorithm} ${actual}, but ${expected} was expected: it was deleted`);
  }
}
