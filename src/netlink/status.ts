import { AttributeCursor, align } from './attributes.js';
import { LITTLE_ENDIAN } from './byte-order.js';
import { NLM_F_ACK_TLVS, NLM_F_CAPPED } from './constants.js';
import { HEADER_LENGTH, messageFlagBits } from './header.js';
import { NetlinkDecodeError } from './netlink-decode-error.js';

/** How a request or a dump ended. */
export interface Status {
  /** A positive error number of errno(3); 0 for success. */
  readonly errno: number;
  /** The kernel's own words (NLMSGERR_ATTR_MSG), such as `'ipv4: FIB table does not exist'`; on success a warning. */
  readonly text: string | undefined;
  /** Which part of the request is meant (NLMSGERR_ATTR_OFFS), in bytes from the start of its header. */
  readonly requestOffset: number | undefined;
}

/**
 * The status in an NLMSG_ERROR: struct nlmsgerr, then the rest of the request unless it is capped, then attributes.
 *
 * @param start where the message begins, with its header, whose flags tell what follows.
 * @throws {NetlinkDecodeError} when the bytes are no such message.
 */
export function decodeErrorStatus(view: DataView, start: number, end: number): Status {
  const quoted = start + HEADER_LENGTH + ERROR_NUMBER_LENGTH;
  if (quoted + HEADER_LENGTH > end) throw new NetlinkDecodeError('an error message is cut short', start);
  const errno = errnoAt(view, start + HEADER_LENGTH);
  return decodeStatus(view, start, end, errno, quoted + quotedLength(view, start, quoted, end, errno));
}

/**
 * The status in an NLMSG_DONE: the error number that the dump ended with, then attributes.
 *
 * @param start where the message begins, with its header.
 * @throws {NetlinkDecodeError} when the bytes are no such message.
 */
export function decodeDoneStatus(view: DataView, start: number, end: number): Status {
  const payload = start + HEADER_LENGTH;
  if (payload === end) return SUCCESS;
  if (payload + ERROR_NUMBER_LENGTH > end) throw new NetlinkDecodeError('a done message is cut short', start);
  return decodeStatus(view, start, end, errnoAt(view, payload), payload + ERROR_NUMBER_LENGTH);
}

const ERROR_NUMBER_LENGTH = 4;

/** How much of the request is repeated in an error, with its padding. */
function quotedLength(view: DataView, start: number, quoted: number, end: number, errno: number): number {
  // An acknowledgement never repeats more than the header, also where an older kernel does not flag it (struct nlmsgerr, linux/netlink.h).
  if (errno === 0 || (messageFlagBits(view, start) & NLM_F_CAPPED) !== 0) return HEADER_LENGTH;
  const length = view.getUint32(quoted, LITTLE_ENDIAN);
  if (length < HEADER_LENGTH || length > end - quoted) {
    throw new NetlinkDecodeError(`a quoted request of length ${length} does not fit`, quoted);
  }
  return align(length);
}

const SUCCESS: Status = Object.freeze({ errno: 0, text: undefined, requestOffset: undefined });

/** The kernel sends it negative. */
function errnoAt(view: DataView, at: number): number {
  return Math.abs(view.getInt32(at, LITTLE_ENDIAN));
}

/** Reads the extended acknowledgement, which there is only on sockets with NETLINK_EXT_ACK. */
function decodeStatus(view: DataView, start: number, end: number, errno: number, explanation: number): Status {
  let text: string | undefined;
  let requestOffset: number | undefined;
  if ((messageFlagBits(view, start) & NLM_F_ACK_TLVS) !== 0) {
    const attributes = new AttributeCursor(view, explanation, end);
    while (attributes.next()) {
      if (attributes.type === NLMSGERR_ATTR_MSG) text = attributes.text();
      else if (attributes.type === NLMSGERR_ATTR_OFFS) requestOffset = attributes.u32();
    }
  }
  return { errno, text, requestOffset };
}

// linux/netlink.h
const NLMSGERR_ATTR_MSG = 1;
const NLMSGERR_ATTR_OFFS = 2;
