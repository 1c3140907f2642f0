import { NetpauseError } from '../errors/index.js';

/**
 * Bytes that are not the netlink messages they claim to be: cut short, or with a length or value that cannot be. The kernel does not send
 * such, so whoever meets one has missed something and should ask for everything again.
 */
export class NetlinkDecodeError extends NetpauseError {
  override readonly code = 'ERR_NETPAUSE_NETLINK_DECODE';

  constructor(
    problem: string,
    /** Where in the datagram the problem is, in bytes from its start. */
    readonly offset: number,
  ) {
    super(`malformed netlink datagram: ${problem} at byte ${offset}`);
  }
}
