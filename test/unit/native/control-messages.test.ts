import { endianness } from 'node:os';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ControlMessages, ERROR_ORIGIN } from '../../../native/control-messages.js';
import { controlMessage } from './fake-calls.js';

const TIME = controlMessage(1, 35, [0x78, 0x56, 0x34, 0x12, 0, 0, 0, 0, 0xff, 0, 0, 0, 0, 0, 0, 0]);
const TTL = controlMessage(0, 2, [61, 0, 0, 0]);
const HOP_LIMIT = controlMessage(41, 52, [62, 0, 0, 0]);
/** EHOSTUNREACH by ICMP 3/1, info 1400. */
const ERROR = [113, 0, 0, 0, 2, 3, 1, 0, 0x78, 0x05, 0, 0, 0, 0, 0, 0];
const FROM_IPV4 = [2, 0, 0, 0, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0];
const FROM_IPV6 = [10, 0, 0, 0, 0, 0, 0, 0, 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0];

function read(bytes: readonly number[], length = bytes.length): ControlMessages {
  const messages = new ControlMessages();
  messages.read(new DataView(Uint8Array.from(bytes).buffer), length);
  return messages;
}

describe.runIf(endianness() === 'LE')('the control messages of a packet', () => {
  it('say when it came and with which hop limit, in whatever order', () => {
    expect(read([...TIME, ...TTL])).toMatchObject({ seconds: 0x1234_5678, nanoseconds: 255, hopLimit: 61 });
    expect(read([...HOP_LIMIT, ...TIME])).toMatchObject({ seconds: 0x1234_5678, nanoseconds: 255, hopLimit: 62 });
  });

  it('say of an error what it is and who sent it', () => {
    const ipv4 = read(controlMessage(0, 11, [...ERROR, ...FROM_IPV4]));
    expect(ipv4).toMatchObject({
      errno: 113,
      origin: ERROR_ORIGIN.icmp,
      type: 3,
      code: 1,
      info: 1_400,
      offenderLength: 4,
    });
    expect([...ipv4.offender.subarray(0, 4)]).toEqual([192, 0, 2, 1]);
    const ipv6 = read(controlMessage(41, 25, [...ERROR, ...FROM_IPV6]));
    expect(ipv6).toMatchObject({ errno: 113, offenderLength: 16 });
    expect([...ipv6.offender]).toEqual(FROM_IPV6.slice(8, 24));
  });

  it('name nobody where the kernel names nobody', () => {
    expect(read(controlMessage(0, 11, [...ERROR, 0, 0, 0, 0, 0, 0, 0, 0]))).toMatchObject({
      errno: 113,
      offenderLength: 0,
    });
    expect(read(controlMessage(0, 11, ERROR))).toMatchObject({ errno: 113, offenderLength: 0 });
  });

  it('of one packet are forgotten with the next', () => {
    const messages = read([...TIME, ...TTL, ...controlMessage(0, 11, [...ERROR, ...FROM_IPV4])]);
    messages.read(new DataView(new ArrayBuffer(0)), 0);
    expect(messages).toMatchObject({ seconds: -1, hopLimit: -1, errno: 0, origin: 0, info: 0, offenderLength: 0 });
  });

  it('of other kinds are passed over', () => {
    expect(read([...controlMessage(1, 99, [1, 2, 3]), ...TTL])).toMatchObject({ hopLimit: 61, seconds: -1 });
  });

  it('that are cut off or lie about their length say nothing', () => {
    expect(read(TTL, TTL.length - 5).hopLimit).toBe(-1);
    expect(read([...TIME, ...TTL], TIME.length + 8)).toMatchObject({ nanoseconds: 255, hopLimit: -1 });
    for (const length of [0, 15, 200, 255]) expect(read([length, ...TTL.slice(1)]).hopLimit).toBe(-1);
    expect(read([...TTL.slice(0, 4), 1, ...TTL.slice(5)]).hopLimit).toBe(-1);
  });

  it('never make the reader throw or read beyond the end, whatever the bytes', () => {
    const kinds = fc.constantFrom([1, 35], [0, 2], [41, 52], [0, 11], [41, 25], [1, 1]);
    const data = fc.array(fc.nat(255), { maxLength: 48 });
    const message = fc.tuple(kinds, data).map(([[level = 0, type = 0], bytes]) => controlMessage(level, type, bytes));
    const anything = fc.oneof(
      fc.array(message, { maxLength: 4 }).map((all) => all.flat()),
      data,
    );
    fc.assert(
      fc.property(anything, fc.nat(300), fc.nat(300), fc.nat(255), (bytes, length, place, value) => {
        read(bytes, length);
        if (bytes.length > 0) read(bytes.with(place % bytes.length, value), length);
      }),
      { numRuns: 5_000 },
    );
  });
});
