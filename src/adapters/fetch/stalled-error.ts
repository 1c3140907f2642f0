import { NetpauseError } from '../../errors/index.js';

/** Nothing came for too long. It counts as a failed attempt, unless it turns out that the network was lost. */
export class StalledError extends NetpauseError {
  override readonly code = 'ERR_NETPAUSE_STALLED';

  constructor(
    /** The limit that was exceeded, in milliseconds. */
    readonly timeout: number,
  ) {
    // By its cause it is of the kind that a lost network brings about.
    const cause = Object.assign(new Error('no data'), { code: 'ETIMEDOUT' });
    super(`no byte came for ${timeout} ms: raise the option stallTimeout if the server needs longer`, { cause });
  }
}
