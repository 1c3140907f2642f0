import { NetpauseError } from '../../errors/index.js';

/** What the server holds is not what was sent, though it has acknowledged every byte. The target was left as it was. */
export class TransferMismatchError extends NetpauseError {
  override readonly code = 'ERR_NETPAUSE_SFTP_MISMATCH';

  constructor(
    /** The file at the server that was to be written. */
    readonly path: string,
    /** What is wrong, in words. */
    readonly difference: string,
  ) {
    super(`what the server holds for ${path} is not what was sent: ${difference}`);
  }
}
