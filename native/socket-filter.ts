import { endianness } from 'node:os';
import { SystemCallError } from './system-call-error.js';

/** One instruction of a classic BPF program: `struct sock_filter` of include/uapi/linux/filter.h. */
export interface FilterInstruction {
  readonly code: number;
  /** How many instructions a conditional jump skips when its condition is true: 0 to 255. */
  readonly jt: number;
  /** The same for when it is false. */
  readonly jf: number;
  readonly k: number;
}

/** BPF_MAXINSNS of include/uapi/linux/bpf_common.h. */
export const MOST_INSTRUCTIONS = 4096;

/** Bytes of `struct sock_filter`: u16 code, u8 jt, u8 jf, u32 k. */
export const INSTRUCTION_LENGTH = 8;

/**
 * A program as the kernel reads it.
 *
 * @throws {SystemCallError} EINVAL, as from the kernel, for a program without instructions, with too many, or with a jump that is too
 * long: cut to the widths of the structures, such a program would be another one.
 */
export function encodeFilter(instructions: readonly FilterInstruction[]): Uint8Array {
  if (instructions.length === 0 || instructions.length > MOST_INSTRUCTIONS) {
    throw new SystemCallError('setsockopt', EINVAL);
  }
  const view = new DataView(new ArrayBuffer(instructions.length * INSTRUCTION_LENGTH));
  for (const [index, { code, jt, jf, k }] of instructions.entries()) {
    if (Math.max(jt, jf) > LONGEST_CONDITIONAL_JUMP) throw new SystemCallError('setsockopt', EINVAL);
    const at = index * INSTRUCTION_LENGTH;
    view.setUint16(at, code, LITTLE_ENDIAN);
    view.setUint8(at + 2, jt);
    view.setUint8(at + 3, jf);
    view.setUint32(at + 4, k, LITTLE_ENDIAN);
  }
  return new Uint8Array(view.buffer);
}

const LONGEST_CONDITIONAL_JUMP = 0xff;

const LITTLE_ENDIAN = endianness() === 'LE';

/** include/uapi/asm-generic/errno-base.h */
const EINVAL = 22;
