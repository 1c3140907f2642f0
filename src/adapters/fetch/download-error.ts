import { NetpauseError } from '../../errors/index.js';

/** A server's answer contradicts itself, the request or an earlier answer, so that nothing can be made of it. It is not asked again. */
export class DownloadError extends NetpauseError {
  override readonly code = 'ERR_NETPAUSE_DOWNLOAD';

  constructor(
    /** What is wrong, as a clause. */
    readonly problem: string,
  ) {
    super(`the server's answer cannot be used: ${problem}`);
  }
}
