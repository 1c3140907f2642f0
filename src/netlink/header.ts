import { LITTLE_ENDIAN } from './byte-order.js';
import { NLM_F_DUMP_FILTERED, NLM_F_DUMP_INTR, NLM_F_MULTI } from './constants.js';
import { NetlinkDecodeError } from './netlink-decode-error.js';

/** The size of struct nlmsghdr (linux/netlink.h): length, type, flags, sequence, port id. */
export const HEADER_LENGTH = 16;

/** What a message's header says beside its length and type. */
export interface MessageHeader {
  /**
   * The number of the request that this answers. A notification carries that of the request which made the change, by whatever process, and
   * 0 where there was none: so 0 does not tell notifications apart.
   */
  readonly sequence: number;
  /** The port id of the socket that asked, or that made the change; 0 for the kernel itself. */
  readonly portId: number;
  /** The NLM_F_* flags that concern a reader. */
  readonly flags: MessageFlags;
}

/** What a message's flags say (NLM_F_* of linux/netlink.h). */
export interface MessageFlags {
  /** NLM_F_MULTI: one of several messages that end with `done`. */
  readonly multi: boolean;
  /** NLM_F_DUMP_INTR: things changed during the dump, so it may be inconsistent. Dump again. */
  readonly dumpInterrupted: boolean;
  /** NLM_F_DUMP_FILTERED: the kernel has applied the filter that the request named. */
  readonly dumpFiltered: boolean;
}

/**
 * Where the message that begins here ends, without its padding.
 *
 * @throws {NetlinkDecodeError} when it does not end within the datagram.
 */
export function messageEnd(view: DataView, offset: number): number {
  if (offset + HEADER_LENGTH > view.byteLength) {
    throw new NetlinkDecodeError('a message header is cut short', offset);
  }
  const length = view.getUint32(offset, LITTLE_ENDIAN);
  if (length < HEADER_LENGTH || length > view.byteLength - offset) {
    throw new NetlinkDecodeError(`a message of length ${length} does not fit`, offset);
  }
  return offset + length;
}

export function messageType(view: DataView, offset: number): number {
  return view.getUint16(offset + 4, LITTLE_ENDIAN);
}

/** The header's flags as they are; some bits mean different things on different types. */
export function messageFlagBits(view: DataView, offset: number): number {
  return view.getUint16(offset + 6, LITTLE_ENDIAN);
}

export function decodeHeader(view: DataView, offset: number): MessageHeader {
  return {
    sequence: view.getUint32(offset + 8, LITTLE_ENDIAN),
    portId: view.getUint32(offset + 12, LITTLE_ENDIAN),
    flags: FLAGS[messageFlagBits(view, offset) & FLAGS_MASK] ?? NO_FLAGS,
  };
}

const FLAGS_MASK = 0x3f;

const flagsOf = (bits: number): MessageFlags =>
  Object.freeze({
    multi: (bits & NLM_F_MULTI) !== 0,
    dumpInterrupted: (bits & NLM_F_DUMP_INTR) !== 0,
    dumpFiltered: (bits & NLM_F_DUMP_FILTERED) !== 0,
  });

const NO_FLAGS = flagsOf(0);

/** There are so few combinations that all messages share them. */
const FLAGS: readonly MessageFlags[] = Array.from({ length: FLAGS_MASK + 1 }, (_, bits) => flagsOf(bits));
