import { NetpauseError } from '../../errors/index.js';

/** `close()` was called, before the work or during it. */
export class SftpClosedError extends NetpauseError {
  override readonly code = 'ERR_NETPAUSE_SFTP_CLOSED';

  constructor() {
    super('this Sftp is closed: make another by createSftp()');
  }
}
