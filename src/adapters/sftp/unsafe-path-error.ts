import { NetpauseError } from '../../errors/index.js';

/** A name that a server gave, or what stands where a temporary file belongs, could lead a transfer to another place than was asked for. */
export class UnsafePathError extends NetpauseError {
  override readonly code = 'ERR_NETPAUSE_SFTP_UNSAFE_PATH';

  constructor(
    /** The name, or where it would have led. */
    readonly path: string,
    /** What is wrong with it, in words. */
    readonly reason: string,
  ) {
    super(`${JSON.stringify(path)} ${reason}`);
  }
}
