import { endianness } from 'node:os';
import { describe, expect, it } from 'vitest';
import { encodeFilter, MOST_INSTRUCTIONS } from '../../../native/socket-filter.js';
import { SystemCallError } from '../../../native/system-call-error.js';

const RETURN = { code: 0x06, jt: 0, jf: 0, k: 0 };
const refused = expect.objectContaining({ code: 'EINVAL', syscall: 'setsockopt' });

function refusal(encode: () => unknown): unknown {
  try {
    return encode();
  } catch (error) {
    expect(error).toBeInstanceOf(SystemCallError);
    return error;
  }
}

describe('a program for the socket filter', () => {
  it('is laid out as struct sock_filter, in the byte order of the host', () => {
    const bytes = encodeFilter([{ code: 0x1234, jt: 0x56, jf: 0xff, k: 0xfedc_ba98 }, RETURN]);
    const little = [0x34, 0x12, 0x56, 0xff, 0x98, 0xba, 0xdc, 0xfe];
    const big = [0x12, 0x34, 0x56, 0xff, 0xfe, 0xdc, 0xba, 0x98];
    expect([...bytes.subarray(0, 8)]).toEqual(endianness() === 'LE' ? little : big);
    expect(bytes.length).toBe(16);
  });

  it('may have 1 to 4096 instructions', () => {
    const program = (length: number) => Array.from({ length }, () => RETURN);
    expect(encodeFilter(program(1)).length).toBe(8);
    expect(encodeFilter(program(MOST_INSTRUCTIONS)).length).toBe(8 * 4096);
    expect(refusal(() => encodeFilter([]))).toEqual(refused);
    expect(refusal(() => encodeFilter(program(MOST_INSTRUCTIONS + 1)))).toEqual(refused);
    expect(refusal(() => encodeFilter(program(65_537)))).toEqual(refused);
  });

  it('is refused when a jump is longer than its eight bits, instead of jumping elsewhere', () => {
    expect(refusal(() => encodeFilter([{ ...RETURN, jt: 256 }]))).toEqual(refused);
    expect(refusal(() => encodeFilter([{ ...RETURN, jf: 256 }]))).toEqual(refused);
  });
});
