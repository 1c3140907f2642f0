import { afterEach, describe, expect, it, vi } from 'vitest';
import { checkedLibc } from '../../../native/libc.js';
import { loadNodeFfiCalls } from '../../../native/node-ffi-calls.js';

const EBADF = 9;
const EPERM = 1;

afterEach(() => {
  vi.restoreAllMocks();
});

describe('the C library by node:ffi', () => {
  it('is not to be had where Node.js has no such module', () => {
    have(undefined);
    expect(loadNodeFfiCalls).toThrow(/^Node\.js [\d.]+ has none$/);
  });

  it('is not to be had where that is another module than is known here', () => {
    have({ Library: class {} });
    expect(loadNodeFfiCalls).toThrow(/has none$/);
  });

  it('is not to be had where it may not be used', () => {
    have({
      ...fakeFfi(),
      dlopen: () => {
        throw new Error('Access to this API has been restricted');
      },
    });
    expect(loadNodeFfiCalls).toThrow('Access to this API has been restricted');
  });

  it('is not to be had where errno does not arrive: no failure could be told from another', () => {
    have(fakeFfi({ errno: EPERM }));
    expect(loadNodeFfiCalls).toThrow('errno');
  });

  it('names the error of a call that failed', () => {
    have(fakeFfi());
    expect(() => checkedLibc(loadNodeFfiCalls()).close(-1)).toThrow(
      expect.objectContaining({ code: 'EBADF', syscall: 'close' }),
    );
  });

  it('hands lengths over as 64 bits, and takes the received length back as a number', () => {
    const received: unknown[] = [];
    have(
      fakeFfi({
        recvfrom: (...all: unknown[]) => {
          received.push(...all);
          return 20n;
        },
      }),
    );
    const bytes = new Uint8Array(64);
    const sender = new Uint8Array(12);
    expect(checkedLibc(loadNodeFfiCalls()).recvfrom(3, bytes, 0, sender)).toBe(20);
    expect(received).toEqual([3, bytes, 64n, 0, sender, Uint8Array.of(12, 0, 0, 0)]);
  });

  it('points the kernel to a filter program by a structure of a count and an address', () => {
    const values: Uint8Array[] = [];
    have(
      fakeFfi({
        setsockopt: (_fd: number, _level: number, _option: number, value: Uint8Array) => {
          values.push(value);
          return 0;
        },
      }),
    );
    checkedLibc(loadNodeFfiCalls()).attachFilter(3, new Uint8Array(24));
    const [value = new Uint8Array()] = values;
    expect(new Uint16Array(value.buffer, 0, 1)[0]).toBe(3);
    expect(new BigUint64Array(value.buffer, 8, 1)[0]).toBe(POINTER);
    expect(value.byteLength).toBe(16);
  });
});

const POINTER = 0x7f00_1234_5678n;

function have(ffi: object | undefined): void {
  vi.spyOn(process, 'getBuiltinModule').mockImplementation(() => ffi);
}

function fakeFfi({ errno = EBADF, ...functions }: { errno?: number; [name: string]: unknown } = {}) {
  return {
    dlopen: () => ({ functions: { close: () => -1, __errno_location: () => POINTER, ...functions } }),
    getInt32: () => errno,
    getRawPointer: () => POINTER,
  };
}
