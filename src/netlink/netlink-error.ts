import { errnoName } from '../../native/index.js';
import { NetpauseError } from '../errors/index.js';
import type { Status } from './status.js';

/** The kernel refused a netlink request. */
export class NetlinkError extends NetpauseError {
  /** The errno's name, such as `'ENETUNREACH'`. */
  override readonly code: string;
  /** The kernel's error number, positive. */
  readonly errno: number;
  /** The kernel's own words on it, where it has any (extended acknowledgement). */
  readonly text: string | undefined;

  constructor(
    /** What was asked, such as `'RTM_GETROUTE'`. */
    readonly request: string,
    status: Status,
  ) {
    const code = errnoName(status.errno);
    super(`${request} was refused: ${code}${status.text === undefined ? '' : ` (${status.text})`}`);
    this.code = code;
    this.errno = status.errno;
    this.text = status.text;
  }
}
