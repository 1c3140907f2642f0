import { endianness } from 'node:os';
import { describe, expect, it } from 'vitest';
import { checkedLibc } from '../../../native/libc.js';
import { MessageBatch } from '../../../native/message-batch.js';
import { type FakePacket, fakeCalls, receiveFrom } from './fake-calls.js';

const EAGAIN = 11;
const EBADF = 9;

function batchOf(packets: FakePacket[], options = { messages: 4, messageLength: 64 }): MessageBatch {
  return new MessageBatch(checkedLibc(fakeCalls({ recvmmsg: receiveFrom(packets) })), options);
}

describe.runIf(endianness() === 'LE')('a batch of messages', () => {
  it('is filled with what has come, each with its sender and its control messages', () => {
    const batch = batchOf([
      { bytes: Uint8Array.of(1, 2, 3), address: Uint8Array.of(2, 0, 9), control: Uint8Array.of(7, 7) },
      { bytes: Uint8Array.of(4), address: Uint8Array.of(10) },
    ]);
    expect(batch.receive(3, 0)).toBe(2);
    const [first, second] = batch.messages;
    expect(first).toMatchObject({ length: 3, controlLength: 2 });
    expect([...(first?.bytes.subarray(0, 3) ?? [])]).toEqual([1, 2, 3]);
    expect([...(first?.address.subarray(0, 3) ?? [])]).toEqual([2, 0, 9]);
    expect(first?.control.getUint8(1)).toBe(7);
    expect(second).toMatchObject({ length: 1, controlLength: 0 });
    expect(second?.bytes[0]).toBe(4);
  });

  it('has full room again each time', () => {
    const long = {
      bytes: new Uint8Array(64).fill(9),
      address: new Uint8Array(28).fill(9),
      control: new Uint8Array(256).fill(9),
    };
    const packets: FakePacket[] = [{ bytes: Uint8Array.of(1), address: Uint8Array.of(1), control: Uint8Array.of(1) }];
    const batch = batchOf(packets);
    batch.receive(3, 0);
    packets.push(long, long, long, long);
    expect(batch.receive(3, 0)).toBe(4);
    for (const message of batch.messages) expect(message).toMatchObject({ length: 64, controlLength: 256 });
    expect(batch.receive(3, 0)).toBe(0);
  });

  it('believes in no more than there is room for', () => {
    const batch = batchOf([{ bytes: Uint8Array.of(1), claimedLength: 9_999, claimedControlLength: 9_999 }]);
    batch.receive(3, 0);
    expect(batch.messages[0]).toMatchObject({ length: 64, controlLength: 256 });
  });

  it('receives nothing where there is nothing, and names an error', () => {
    const failing = (errno: number) => new MessageBatch(checkedLibc(fakeCalls({}, errno)), { messages: 1 });
    expect(failing(EAGAIN).receive(3, 0)).toBe(0);
    expect(() => failing(EBADF).receive(3, 0)).toThrow(expect.objectContaining({ code: 'EBADF', syscall: 'recvmmsg' }));
  });
});
