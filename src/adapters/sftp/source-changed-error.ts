import { NetpauseError } from '../../errors/index.js';

/** A file was changed while it was transferred. What arrived would be neither the old file nor the new one, so the target was left as it was. */
export class SourceChangedError extends NetpauseError {
  override readonly code = 'ERR_NETPAUSE_SFTP_SOURCE_CHANGED';

  constructor(
    /** The file that was read. */
    readonly path: string,
  ) {
    super(`${path} was changed while it was transferred: transfer it again when it is at rest`);
  }
}
