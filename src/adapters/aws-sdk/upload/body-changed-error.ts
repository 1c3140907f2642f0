import { NetpauseError } from '../../../errors/index.js';

/** The file was written to while it was being uploaded, so that what was sent is neither its old content nor its new one. Nothing was stored. */
export class BodyChangedError extends NetpauseError {
  override readonly code = 'ERR_NETPAUSE_BODY_CHANGED';

  constructor(
    /** Of the file. */
    readonly path: string,
  ) {
    super(`${path} was changed while it was being uploaded: upload it again when nobody writes to it`);
  }
}
