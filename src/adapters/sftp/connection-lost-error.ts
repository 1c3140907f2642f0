import { isError, NetpauseError } from '../../errors/index.js';

/** The SSH connection, or the SFTP channel in it, ended under the work. Its cause says how, and is of the kind that a lost network causes. */
export class ConnectionLostError extends NetpauseError {
  override readonly code = 'ERR_NETPAUSE_SFTP_CONNECTION_LOST';

  /** @param cause what the client library or the socket said; left out where it ended without a word. */
  constructor(cause?: unknown) {
    super('the connection to the SFTP server was lost', { cause: asSocketError(cause) });
  }
}

/**
 * ssh2 has no codes: a server that is silent, a channel that is closed and a packet that makes no sense are plain errors with a sentence. Only
 * a code says to the retryer that it may have been the network.
 */
function asSocketError(cause: unknown): unknown {
  if (isError(cause) && 'code' in cause && typeof cause.code === 'string' && /^E[A-Z]+$/.test(cause.code)) return cause;
  const message = isError(cause) ? cause.message : 'it was closed without a word';
  return Object.assign(new Error(message, { cause }), { code: 'ECONNRESET' });
}
