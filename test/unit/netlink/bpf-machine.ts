import type { FilterInstruction } from '../../../native/index.js';
import type { ByteOrder } from '../../../src/netlink/route-filter.js';

/**
 * Runs a classic BPF program as the kernel does (net/core/filter.c): the part of the machine that bpf(4) describes which our programs use, and
 * nla_find() of lib/nlattr.c. Anything else is an error, as is a program that the kernel would not take.
 *
 * @returns the number of bytes of the packet that are kept; 0 drops it.
 */
export function runFilter(program: readonly FilterInstruction[], packet: Uint8Array, byteOrder: ByteOrder): number {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const memory = new Map<number, number>();
  let a = 0;
  let x = 0;
  for (let pc = 0; ; ) {
    const instruction = program[pc];
    if (instruction === undefined) throw new Error(`the program runs off its end at ${pc}`);
    const { code, jt, jf, k } = instruction;
    pc += 1;
    switch (code) {
      case 0x20: // ld [k]
      case 0x28: // ldh [k]
      case 0x30: // ldb [k]
        if (k === SKF_AD_NLATTR) {
          a = findAttribute(view, a, x, byteOrder);
          break;
        }
        if (k + SIZES[code] > view.byteLength) return 0;
        a = read(view, k, SIZES[code]);
        break;
      case 0x40: // ld [x + k]
      case 0x48: // ldh [x + k]
        if (x + k + SIZES[code] > view.byteLength) return 0;
        a = read(view, x + k, SIZES[code]);
        break;
      case 0x80: // ld len
        a = view.byteLength;
        break;
      case 0x00: // ld #k
        a = k;
        break;
      case 0x01: // ldx #k
        x = k;
        break;
      case 0x60: {
        // ld M[k]
        const word = memory.get(k);
        if (word === undefined) throw new Error(`M[${k}] is read before it is written`);
        a = word;
        break;
      }
      case 0x02: // st M[k]
        if (k > 15) throw new Error(`there is no M[${k}]`);
        memory.set(k, a);
        break;
      case 0x07: // tax
        x = a;
        break;
      case 0x04: // add #k
        a = (a + k) >>> 0;
        break;
      case 0x84: // neg
        a = -a >>> 0;
        break;
      case 0x64: // lsh #k
        a = (a << k) >>> 0;
        break;
      case 0x7c: // rsh x
        if (x > 31) throw new Error(`a shift by ${x} means different things to different kernels`);
        a = a >>> x;
        break;
      case 0x4c: // or x
        a = (a | x) >>> 0;
        break;
      case 0xa4: // xor #k
        a = (a ^ k) >>> 0;
        break;
      case 0x05: // ja
        pc += k;
        break;
      case 0x15: // jeq #k
        pc += a === k ? jt : jf;
        break;
      case 0x1d: // jeq x
        pc += a === x ? jt : jf;
        break;
      case 0x25: // jgt #k
        pc += a > k ? jt : jf;
        break;
      case 0x35: // jge #k
        pc += a >= k ? jt : jf;
        break;
      case 0x06: // ret #k
        return k;
      default:
        throw new Error(`instruction 0x${code.toString(16)} is not known here`);
    }
  }
}

const SIZES = { 32: 4, 40: 2, 48: 1, 64: 4, 72: 2 } as const;

/** SKF_AD_OFF + SKF_AD_NLATTR of linux/filter.h. */
const SKF_AD_NLATTR = (-0x1000 + 12) >>> 0;

function read(view: DataView, offset: number, size: 1 | 2 | 4): number {
  if (size === 1) return view.getUint8(offset);
  return size === 2 ? view.getUint16(offset) : view.getUint32(offset);
}

/** The offset of the first attribute of a type; 0 where there is none before the list ends or makes no sense. */
export function findAttribute(view: DataView, start: number, type: number, byteOrder: ByteOrder): number {
  const little = byteOrder === 'little';
  for (let at = start; at + 4 <= view.byteLength; ) {
    const length = view.getUint16(at, little);
    if (length < 4 || at + length > view.byteLength) return 0;
    if ((view.getUint16(at + 2, little) & 0x3fff) === type) return at;
    at += (length + 3) & ~3;
  }
  return 0;
}
