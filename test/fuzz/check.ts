import { align } from '../../src/netlink/attributes.js';
import { NLMSG_NOOP } from '../../src/netlink/constants.js';
import { NetlinkDecodeError, type NetlinkMessage } from '../../src/netlink/index.js';
import { RequestWriter } from '../../src/netlink/request-writer.js';
import { isSame } from './same.js';
import { flawOf } from './well-formed.js';

export type Decode = (bytes: Uint8Array) => readonly NetlinkMessage[];

/** What the decoder made of an input; `violation` says which of its promises it has broken. */
export type Verdict =
  | { readonly kind: 'decoded'; readonly messages: readonly NetlinkMessage[] }
  | { readonly kind: 'refused'; readonly error: NetlinkDecodeError }
  | { readonly kind: 'violation'; readonly problem: string };

/**
 * Holds a decoder to its promises: nothing but {@link NetlinkDecodeError} is thrown; the result does not depend on the bytes around the
 * datagram, nor a message on the next one; there are no more messages than headers fit in; every value is well-formed.
 */
export function checkerOf(decode: Decode): (input: Uint8Array) => Verdict {
  const inSilence = arena(0x00);
  const inNoise = arena(0xff);
  return (input) => {
    const verdict = judge(decode, inSilence(input, NOTHING));
    if (verdict.kind === 'violation') return verdict;
    const flaw = verdict.kind === 'decoded' ? flawOf(verdict.messages, input.length) : undefined;
    if (flaw !== undefined) return { kind: 'violation', problem: flaw };
    // An over-read finds zeros the first time and something else the second: what surrounds the datagram, or another message.
    const follower = verdict.kind === 'decoded' ? NOOP : NOTHING;
    const again = judge(decode, inNoise(input, follower));
    return differs(verdict, again, follower === NOOP) ?? verdict;
  };
}

const NOTHING = new Uint8Array(0);

/** With a body, so that it is not all zeros behind its header. */
const NOOP = new RequestWriter(2 ** 32 - 1, NLMSG_NOOP, 0xffff, 0).raw(0xffff, new Uint8Array(32).fill(0xff)).finish();

/** Gives copies of bytes, and of a message behind them, in the middle of a buffer that is otherwise filled with one value. */
function arena(filler: number): (bytes: Uint8Array, follower: Uint8Array) => Uint8Array {
  const buffer = new Uint8Array(MARGIN + LONGEST_INPUT + MARGIN).fill(filler);
  let used = MARGIN;
  return (bytes, follower) => {
    const end = MARGIN + bytes.length;
    const behind = follower === NOTHING ? end : MARGIN + align(bytes.length);
    buffer.fill(filler, end, Math.max(used, behind));
    buffer.set(bytes, MARGIN);
    buffer.set(follower, behind);
    used = behind + follower.length;
    return buffer.subarray(MARGIN, used);
  };
}

const MARGIN = 256;
const LONGEST_INPUT = 65_536;

function judge(decode: Decode, bytes: Uint8Array): Verdict {
  try {
    return { kind: 'decoded', messages: decode(bytes) };
  } catch (error) {
    if (!(error instanceof NetlinkDecodeError)) return { kind: 'violation', problem: `threw ${String(error)}` };
    const isInside = Number.isInteger(error.offset) && error.offset >= 0 && error.offset <= bytes.length;
    return isInside ? { kind: 'refused', error } : { kind: 'violation', problem: `offset ${error.offset} is outside` };
  }
}

function differs(verdict: Verdict, again: Verdict, isFollowed: boolean): Verdict | undefined {
  if (again.kind === 'violation') return again;
  if (verdict.kind === 'refused' && again.kind === 'refused' && verdict.error.message === again.error.message) {
    return undefined;
  }
  if (verdict.kind === 'decoded' && again.kind === 'decoded') {
    const expected = verdict.messages.length + (isFollowed ? 1 : 0);
    if (again.messages.length === expected && begins(again.messages, verdict.messages)) return undefined;
  }
  return { kind: 'violation', problem: 'the result depends on the bytes around the datagram' };
}

function begins(messages: readonly NetlinkMessage[], beginning: readonly NetlinkMessage[]): boolean {
  return beginning.every((message, at) => isSame(message, messages[at]));
}
