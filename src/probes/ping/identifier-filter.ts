import type { FilterInstruction } from '../../../native/index.js';

/**
 * Lets a raw socket have only the echo replies with our identifier; otherwise it would be woken by everybody's. A raw socket of IPv4 begins
 * with the IP header, one of IPv6 with that of ICMPv6.
 */
export function identifierFilter(family: 4 | 6, identifier: number): readonly FilterInstruction[] {
  return family === 4
    ? [load(BPF_LDX_MSH_B, 0), ...accepting(0, BPF_LD_IND, identifier)]
    : accepting(129, BPF_LD_ABS, identifier);
}

function accepting(type: number, mode: number, identifier: number): FilterInstruction[] {
  return [
    load(mode | BPF_B, 0),
    { code: BPF_JMP_JEQ_K, jt: 0, jf: 3, k: type },
    load(mode | BPF_H, 4),
    { code: BPF_JMP_JEQ_K, jt: 0, jf: 1, k: identifier },
    { code: BPF_RET_K, jt: 0, jf: 0, k: 0xffff_ffff },
    { code: BPF_RET_K, jt: 0, jf: 0, k: 0 },
  ];
}

function load(code: number, k: number): FilterInstruction {
  return { code, jt: 0, jf: 0, k };
}

// include/uapi/linux/bpf_common.h
const BPF_LD_ABS = 0x20;
const BPF_LD_IND = 0x40;
const BPF_H = 0x08;
const BPF_B = 0x10;
/** X ← 4 · (byte & 0xf): the length of an IP header. */
const BPF_LDX_MSH_B = 0xb1;
const BPF_JMP_JEQ_K = 0x15;
const BPF_RET_K = 0x06;
