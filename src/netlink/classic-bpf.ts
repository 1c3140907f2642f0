import type { FilterInstruction } from '../../native/index.js';

/*
 * The instructions of classic BPF that are used here (the kernel's Documentation/networking/filter.rst; numbers of linux/bpf_common.h and
 * linux/filter.h). The machine has an accumulator A, an index register X and sixteen words of memory M. Loads from the packet are in network
 * byte order, and one beyond its end makes the program return 0.
 */

type Size = keyof typeof SIZES;

/** A = the number of 1, 2 or 4 bytes at an offset. */
export const load = (size: Size, offset: number): FilterInstruction => plain(LD | SIZES[size] | ABS, offset);

/** A = the number of 1, 2 or 4 bytes at X + an offset. */
export const loadAtX = (size: Size, offset: number): FilterInstruction => plain(LD | SIZES[size] | IND, offset);

/** A = the length of the packet. */
export const loadPacketLength = (): FilterInstruction => plain(LD | SIZES[4] | LEN, 0);

/** A = a constant. */
export const loadConstant = (value: number): FilterInstruction => plain(LD | IMM, value);

/** X = a constant. */
export const loadConstantToX = (value: number): FilterInstruction => plain(LDX | IMM, value);

/** A = the offset of the first attribute of type X among those that begin at A; 0 where there is none. */
export const findAttribute = (): FilterInstruction => plain(LD | SIZES[4] | ABS, SKF_AD_OFF + SKF_AD_NLATTR);

/** A = M[index]. */
export const recall = (index: number): FilterInstruction => plain(LD | MEM, index);

/** M[index] = A. */
export const store = (index: number): FilterInstruction => plain(ST, index);

/** X = A. */
export const moveToX = (): FilterInstruction => plain(MISC | TAX, 0);

export const add = (value: number): FilterInstruction => plain(ALU | ADD, value);
export const negate = (): FilterInstruction => plain(ALU | NEG, 0);
export const shiftLeft = (bits: number): FilterInstruction => plain(ALU | LSH, bits);
/** A >>= X, without sign. */
export const shiftRightByX = (): FilterInstruction => plain(ALU | RSH | FROM_X, 0);
export const orX = (): FilterInstruction => plain(ALU | OR | FROM_X, 0);
export const xor = (value: number): FilterInstruction => plain(ALU | XOR, value);

/** How many instructions to skip when a condition is true, and when it is not: at most 255. */
export interface Skips {
  readonly yes?: number;
  readonly no?: number;
}

export const ifEqual = (value: number, skips: Skips): FilterInstruction => conditional(JMP | JEQ, value, skips);
export const ifEqualToX = (skips: Skips): FilterInstruction => conditional(JMP | JEQ | FROM_X, 0, skips);
export const ifGreater = (value: number, skips: Skips): FilterInstruction => conditional(JMP | JGT, value, skips);
export const ifAtLeast = (value: number, skips: Skips): FilterInstruction => conditional(JMP | JGE, value, skips);

/** Skips any number of instructions. */
export const skip = (count: number): FilterInstruction => plain(JMP | JA, count);

/** Ends the program: the packet is cut to that many bytes, and with 0 dropped. */
export const end = (bytes: number): FilterInstruction => plain(RET, bytes);

// linux/bpf_common.h: classes, sizes, modes, operations.
const LD = 0x00;
const LDX = 0x01;
const ST = 0x02;
const ALU = 0x04;
const JMP = 0x05;
const RET = 0x06;
const MISC = 0x07;
const SIZES = { 1: 0x10, 2: 0x08, 4: 0x00 } as const;
const IMM = 0x00;
const ABS = 0x20;
const IND = 0x40;
const MEM = 0x60;
const LEN = 0x80;
const ADD = 0x00;
const OR = 0x40;
const LSH = 0x60;
const RSH = 0x70;
const NEG = 0x80;
const XOR = 0xa0;
const JA = 0x00;
const JEQ = 0x10;
const JGT = 0x20;
const JGE = 0x30;
const FROM_X = 0x08;
// linux/filter.h
const TAX = 0x00;
const SKF_AD_OFF = -0x1000;
const SKF_AD_NLATTR = 12;

function plain(code: number, k: number): FilterInstruction {
  return { code, jt: 0, jf: 0, k: k >>> 0 };
}

function conditional(code: number, k: number, { yes = 0, no = 0 }: Skips): FilterInstruction {
  return { code, jt: yes, jf: no, k: k >>> 0 };
}
