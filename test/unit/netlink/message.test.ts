import { endianness } from 'node:os';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  NLM_F_ACK_TLVS,
  NLM_F_CAPPED,
  NLM_F_DUMP_FILTERED,
  NLM_F_DUMP_INTR,
  NLM_F_MULTI,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSG_NOOP,
  NLMSG_OVERRUN,
} from '../../../src/netlink/constants.js';
import { decodeDatagram, NetlinkDecodeError, type NetlinkMessage } from '../../../src/netlink/index.js';
import { RequestWriter } from '../../../src/netlink/request-writer.js';
import { allDatagrams, captured, decodeAll } from './fixtures/index.js';

const HEADER_LENGTH = 16;
const NLMSGERR_ATTR_MSG = 1;
const NLMSGERR_ATTR_OFFS = 2;
const EPERM = 1;

/** An NLMSG_ERROR that repeats a request of nothing but its header. */
const errorMessage = (errno: number, flags: number): RequestWriter =>
  new RequestWriter(7, NLMSG_ERROR, flags, 4 + HEADER_LENGTH)
    .structureU32(0, 2 ** 32 - errno)
    .structureU32(4, HEADER_LENGTH);

describe.skipIf(endianness() === 'BE')('a datagram as captured', () => {
  it('ends a dump with done', () => {
    expect(decodeAll(captured.links).at(-1)).toMatchObject({ kind: 'done', status: { errno: 0 } });
  });

  it('marks the messages of a dump, and answers with the sequence number of the request', () => {
    for (const { header } of decodeAll(captured.addresses)) {
      expect(header.flags.multi).toBe(true);
      expect(header.sequence).toBe(2);
    }
  });

  it('holds the errno of a request that fails', () => {
    expect(decodeAll(captured.noSuchLink)).toMatchObject([{ kind: 'error', status: { errno: 19, text: undefined } }]);
  });

  it("explains a refusal in the kernel's words", () => {
    expect(decodeAll(captured.malformedRequest)).toMatchObject([
      { kind: 'error', status: { errno: 22, text: 'ipv4: Invalid values in header for route get request' } },
    ]);
  });

  it('explains in the done message why a dump failed', () => {
    expect(decodeAll(captured.noSuchTable)).toMatchObject([
      { kind: 'done', status: { errno: 2, text: 'ipv4: FIB table does not exist' } },
    ]);
  });

  it('acknowledges with errno 0', () => {
    expect(decodeAll(captured.acknowledged)).toMatchObject([{ kind: 'link' }, { kind: 'error', status: { errno: 0 } }]);
  });
});

describe('decodeDatagram', () => {
  it('finds no message in no bytes', () => {
    expect(decodeDatagram(new Uint8Array(0))).toEqual([]);
  });

  it('reads a part of a larger buffer', () => {
    const message = new RequestWriter(7, NLMSG_NOOP, 0, 0).finish();
    const buffer = new Uint8Array(64).fill(0xff);
    buffer.set(message, 5);
    expect(decodeDatagram(buffer.subarray(5, 5 + message.length))).toMatchObject([{ kind: 'noop' }]);
  });

  it('steps over the padding between messages, and needs none after the last', () => {
    const one = new RequestWriter(1, NLMSG_NOOP, 0, 2).finish();
    const two = new RequestWriter(2, NLMSG_NOOP, 0, 2).finish();
    const datagram = Buffer.concat([one, new Uint8Array(2), two]);
    expect(decodeDatagram(datagram).map((message) => message.header.sequence)).toEqual([1, 2]);
  });

  it.each([
    [NLM_F_MULTI, 'multi'],
    [NLM_F_DUMP_INTR, 'dumpInterrupted'],
    [NLM_F_DUMP_FILTERED, 'dumpFiltered'],
  ] as const)('names the header flag %i %s', (flag, name) => {
    const [message] = decodeDatagram(new RequestWriter(1, NLMSG_NOOP, flag, 0).finish());
    const flags = { multi: false, dumpInterrupted: false, dumpFiltered: false };
    expect(message?.header.flags).toEqual({ ...flags, [name]: true });
  });

  it('knows that messages were lost', () => {
    expect(decodeDatagram(new RequestWriter(0, NLMSG_OVERRUN, 0, 0).finish())).toMatchObject([{ kind: 'overrun' }]);
  });

  it('keeps the number of a type that it does not know', () => {
    expect(decodeDatagram(new RequestWriter(0, 4_711, 0, 0).finish())).toMatchObject([
      { kind: 'unknown', type: 4_711 },
    ]);
  });

  it('refuses a datagram that is cut off within a message, good messages before it included', () => {
    const whole = new RequestWriter(1, NLMSG_NOOP, 0, 0).finish();
    const cut = new RequestWriter(2, NLMSG_NOOP, 0, 8).finish().subarray(0, 20);
    expect(() => decodeDatagram(Buffer.concat([whole, cut]))).toThrow(
      new NetlinkDecodeError('a message of length 24 does not fit', 16),
    );
  });

  it('refuses a header that is cut short', () => {
    expect(() => decodeDatagram(new Uint8Array(15))).toThrow(
      new NetlinkDecodeError('a message header is cut short', 0),
    );
  });

  it.each([0, 15, 17, 2 ** 31, 2 ** 32 - 1])('refuses a message of 16 bytes that claims %i', (length) => {
    const bytes = new RequestWriter(1, NLMSG_NOOP, 0, 0).finish().slice();
    new Uint32Array(bytes.buffer, 0, 1)[0] = length;
    expect(() => decodeDatagram(bytes)).toThrow(NetlinkDecodeError);
  });

  it('says by code and offset what is wrong', () => {
    expect(() => decodeDatagram(new Uint8Array(3))).toThrow(
      expect.objectContaining({ name: 'NetlinkDecodeError', code: 'ERR_NETPAUSE_NETLINK_DECODE', offset: 0 }),
    );
  });
});

describe('decoding the end of a request', () => {
  it('reads the explanation behind a repeated request, and which part of that is meant', () => {
    const message = new RequestWriter(7, NLMSG_ERROR, NLM_F_ACK_TLVS, 4 + HEADER_LENGTH + 12)
      .structureU32(0, 2 ** 32 - EPERM)
      .structureU32(4, HEADER_LENGTH + 10)
      .raw(NLMSGERR_ATTR_MSG, Buffer.from('no\0'))
      .u32(NLMSGERR_ATTR_OFFS, 20);
    expect(decodeDatagram(message.finish())).toMatchObject([
      { kind: 'error', status: { errno: EPERM, text: 'no', requestOffset: 20 } },
    ]);
  });

  it('reads the explanation behind a request that is repeated by its header only', () => {
    const message = errorMessage(EPERM, NLM_F_ACK_TLVS | NLM_F_CAPPED)
      .structureU32(4, 4_096)
      .raw(NLMSGERR_ATTR_MSG, Buffer.from('no\0'));
    expect(decodeDatagram(message.finish())).toMatchObject([{ kind: 'error', status: { errno: EPERM, text: 'no' } }]);
  });

  it('reads the warning on a success', () => {
    const message = errorMessage(0, NLM_F_ACK_TLVS).structureU32(4, 4_096).raw(NLMSGERR_ATTR_MSG, Buffer.from('hm\0'));
    expect(decodeDatagram(message.finish())).toMatchObject([{ kind: 'error', status: { errno: 0, text: 'hm' } }]);
  });

  it('takes a done without an errno for a success', () => {
    expect(decodeDatagram(new RequestWriter(7, NLMSG_DONE, NLM_F_MULTI, 0).finish())).toMatchObject([
      { kind: 'done', status: { errno: 0, text: undefined, requestOffset: undefined } },
    ]);
  });

  it.each([
    ['an error without the request', new RequestWriter(7, NLMSG_ERROR, 0, 4)],
    ['a done with half an errno', new RequestWriter(7, NLMSG_DONE, 0, 2)],
    ['an explained error whose request does not fit', errorMessage(EPERM, NLM_F_ACK_TLVS).structureU32(4, 2 ** 32 - 1)],
    [
      'an explained error whose request is shorter than its header',
      errorMessage(EPERM, NLM_F_ACK_TLVS).structureU32(4, 8),
    ],
  ])('refuses %s', (_what, message) => {
    expect(() => decodeDatagram(message.finish())).toThrow(NetlinkDecodeError);
  });
});

describe('decoding is total', () => {
  /** What the decoder makes of bytes: messages, or its own error. Anything else is thrown on, and fails the test. */
  function outcome(bytes: Uint8Array): readonly NetlinkMessage[] | string {
    try {
      return decodeDatagram(bytes);
    } catch (error) {
      if (!(error instanceof NetlinkDecodeError)) throw error;
      if (error.offset < 0 || error.offset > bytes.length) throw new RangeError(`offset ${error.offset} is outside`);
      return error.message;
    }
  }

  /** Equal whatever lies around the bytes, or the decoder has read beyond them. */
  function expectNoOverRead(bytes: Uint8Array): void {
    const around = [0x00, 0xff].map((filler) => {
      const buffer = new Uint8Array(bytes.length + 128).fill(filler);
      buffer.set(bytes, 64);
      return outcome(buffer.subarray(64, 64 + bytes.length));
    });
    expect(around[0]).toEqual(around[1]);
    // Every message takes at least its header, so there is no endless loop that finds more and more.
    if (typeof around[0] !== 'string') expect(around[0]?.length).toBeLessThanOrEqual(bytes.length / HEADER_LENGTH);
  }

  const anyBytes = fc.uint8Array({ maxLength: 256 });
  const anyBody = fc.tuple(
    fc.oneof(fc.nat({ max: 32 }), fc.nat({ max: 0xffff })),
    fc.nat({ max: 0xffff }),
    fc.uint8Array({ maxLength: 200 }),
  );
  const capturedDatagram = fc.constantFrom(...allDatagrams);

  it('over any bytes', () => {
    fc.assert(fc.property(anyBytes, expectNoOverRead), { numRuns: 2_000 });
  });

  it('over any body behind a good header', () => {
    fc.assert(
      fc.property(anyBody, ([type, flags, body]) => {
        const message = new RequestWriter(0, type, flags, body.length);
        body.forEach((byte, at) => {
          message.structureU8(at, byte);
        });
        expectNoOverRead(message.finish());
      }),
      { numRuns: 3_000 },
    );
  });

  it('over captured datagrams with some bytes changed', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.oneof(fc.constantFrom(0, 1, 4, 0xff), fc.nat({ max: 255 }))), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(capturedDatagram, changes, (datagram, replaced) => {
        const bytes = Uint8Array.from(datagram);
        for (const [at, byte] of replaced) bytes[at % bytes.length] = byte;
        expectNoOverRead(bytes);
      }),
      { numRuns: 2_000 },
    );
  });

  it('over captured datagrams cut off anywhere', () => {
    fc.assert(
      fc.property(capturedDatagram, fc.nat(), (datagram, length) => {
        expectNoOverRead(datagram.slice(0, length % (datagram.length + 1)));
      }),
      { numRuns: 1_000 },
    );
  });

  it.skipIf(endianness() === 'BE')('and gives the same messages for datagrams in one piece as for each', () => {
    const messages = fc.array(capturedDatagram, { maxLength: 4 });
    fc.assert(
      fc.property(messages, (datagrams) => {
        expect(decodeDatagram(Buffer.concat(datagrams))).toEqual(datagrams.flatMap(decodeDatagram));
      }),
      { numRuns: 50 },
    );
  });
});
