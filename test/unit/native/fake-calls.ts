import type { LibcCalls } from '../../../native/libc.js';

/** The C library's functions, all of which fail with one error but those that are given. */
export function fakeCalls(given: Partial<LibcCalls>, errno = 38): LibcCalls {
  const fail = () => -1;
  return {
    socket: fail,
    bind: fail,
    connect: fail,
    setsockopt: fail,
    setsockoptFilter: fail,
    getsockopt: fail,
    send: fail,
    sendto: fail,
    recvfrom: fail,
    recvmmsg: fail,
    epoll_create1: fail,
    epoll_ctl: fail,
    epoll_wait: fail,
    clock_gettime: fail,
    addressOf: () => 0n,
    poll: fail,
    dup3: fail,
    close: fail,
    errno: () => errno,
    ...given,
  };
}

/** A packet as the kernel would hand it over. */
export interface FakePacket {
  readonly bytes: Uint8Array;
  readonly address?: Uint8Array;
  readonly control?: Uint8Array;
  /** What the kernel says of their lengths, where that is not the truth. */
  readonly claimedLength?: number;
  readonly claimedControlLength?: number;
}

/**
 * recvmmsg over memory that begins at address 0: follows the pointers in the headers, as the kernel does, and writes no more than the headers
 * allow.
 */
export function receiveFrom(packets: FakePacket[]): LibcCalls['recvmmsg'] {
  return (_fd, headers, count) => {
    const memory = headers.buffer;
    const view = new DataView(memory, headers.byteOffset);
    const received = packets.splice(0, count);
    for (const [index, packet] of received.entries()) {
      const at = index * 64;
      const pointer = (offset: number) => Number(view.getBigUint64(at + offset, true));
      const vector = new DataView(memory, pointer(16), 16);
      const room = Number(vector.getBigUint64(8, true));
      new Uint8Array(memory, Number(vector.getBigUint64(0, true)), room).set(packet.bytes.subarray(0, room));
      new Uint8Array(memory, pointer(0), view.getUint32(at + 8, true)).set(packet.address ?? []);
      new Uint8Array(memory, pointer(32), Number(view.getBigUint64(at + 40, true))).set(packet.control ?? []);
      view.setBigUint64(at + 40, BigInt(packet.claimedControlLength ?? packet.control?.length ?? 0), true);
      view.setUint32(at + 56, packet.claimedLength ?? Math.min(packet.bytes.length, room), true);
    }
    return received.length;
  };
}

/** struct cmsghdr and what follows it, padded. */
export function controlMessage(level: number, type: number, data: readonly number[]): number[] {
  const header = new DataView(new ArrayBuffer(16));
  header.setUint32(0, 16 + data.length, true);
  header.setInt32(8, level, true);
  header.setInt32(12, type, true);
  const padding = new Array((8 - (data.length % 8)) % 8).fill(0);
  return [...new Uint8Array(header.buffer), ...data, ...padding];
}
