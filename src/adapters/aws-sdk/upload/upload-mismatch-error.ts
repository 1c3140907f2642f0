import { NetpauseError } from '../../../errors/index.js';

/** What the server has stored is not what was sent, by its own checksum, ETag or size. */
export class UploadMismatchError extends NetpauseError {
  override readonly code = 'ERR_NETPAUSE_UPLOAD_MISMATCH';

  constructor(
    /** What was compared, such as `'CRC32 of part 3'`. */
    readonly what: string,
    /** As it was sent. */
    readonly expected: string,
    /** As the server has it. */
    readonly actual: string,
  ) {
    super(`the ${what} is ${actual} at the server, and should be ${expected}`);
  }
}
