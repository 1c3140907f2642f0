import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  EchoRequestBuffer,
  findEchoReply,
  findEchoRequest,
  hasToken,
  identifierAt,
  internetChecksum,
  sequenceAt,
} from '../../../../src/probes/ping/icmp-echo.js';

const IDENTITY = { sequence: 0x1234, tokenHigh: 0xfedc_ba98, tokenLow: 0x7654_3210 };

describe('an echo request', () => {
  it('of IPv4 is laid out as RFC 792 says', () => {
    const request = new EchoRequestBuffer(4, 12, 0xbeef);
    request.write(IDENTITY);
    const [type, code, , , ...rest] = request.bytes;
    expect([type, code]).toEqual([8, 0]);
    expect(rest).toEqual([0xbe, 0xef, 0x12, 0x34, 0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10, 8, 9, 10, 11]);
  });

  it('of IPv6 has the type of RFC 4443', () => {
    expect(new EchoRequestBuffer(6, 0, 0).bytes[0]).toBe(128);
  });

  it('has a checksum with which the whole sums up to nothing, each time that it is written', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.nat(0xffff), fc.nat(0xffff), fc.nat(), (size, identifier, sequence, token) => {
        const request = new EchoRequestBuffer(4, size, identifier);
        request.write(IDENTITY);
        request.write({ sequence, tokenHigh: token, tokenLow: ~token >>> 0 });
        expect(internetChecksum(request.bytes, request.bytes.length)).toBe(0);
      }),
    );
  });

  it('carries as much of the random bytes as there is room for', () => {
    const request = new EchoRequestBuffer(4, 3, 0);
    request.write(IDENTITY);
    expect([...request.bytes.subarray(8)]).toEqual([0xfe, 0xdc, 0xba]);
    expect(hasToken(request.bytes, 0, request.bytes.length, IDENTITY)).toBe(true);
    expect(hasToken(request.bytes, 0, request.bytes.length, { ...IDENTITY, tokenHigh: 0xfedc_bb98 })).toBe(false);
  });
});

describe('the checksum', () => {
  it('is that of the example in RFC 1071 section 3', () => {
    const bytes = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
    expect(internetChecksum(bytes, bytes.length)).toBe(~0xddf2 & 0xffff);
  });

  it('takes an odd last byte for the upper half of a word', () => {
    expect(internetChecksum(Uint8Array.of(0x12), 1)).toBe(~0x1200 & 0xffff);
  });
});

describe('an echo reply', () => {
  const reply = Uint8Array.of(0, 0, 0xaa, 0xaa, 0xbe, 0xef, 0x12, 0x34, 0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10);
  const withIpHeader = (words: number) => Uint8Array.of(0x40 | words, ...new Array(words * 4 - 1).fill(0), ...reply);

  it('is found, with its identifier, number and random bytes', () => {
    expect(findEchoReply(reply, reply.length, 4, 'icmp')).toBe(0);
    expect(identifierAt(reply, 0)).toBe(0xbeef);
    expect(sequenceAt(reply, 0)).toBe(0x1234);
    expect(hasToken(reply, 0, reply.length, IDENTITY)).toBe(true);
  });

  it('is found behind an IP header, with options or without', () => {
    expect(findEchoReply(withIpHeader(5), 36, 4, 'ip')).toBe(20);
    expect(findEchoReply(withIpHeader(15), 76, 4, 'ip')).toBe(60);
  });

  it('is none with another type or code, too short, or behind what is no IP header', () => {
    const none = (bytes: Uint8Array, length = bytes.length, from: 'ip' | 'icmp' = 'icmp') =>
      expect(findEchoReply(bytes, length, 4, from)).toBe(-1);
    none(Uint8Array.of(8, ...reply.subarray(1)));
    none(Uint8Array.of(0, 1, ...reply.subarray(2)));
    none(reply, 7);
    none(withIpHeader(5), 27, 'ip');
    none(withIpHeader(4), 32, 'ip');
    none(Uint8Array.of(0x65, ...withIpHeader(5).subarray(1)), 36, 'ip');
    none(new Uint8Array(0), 0, 'ip');
  });

  it('of one family is none of the other', () => {
    expect(findEchoReply(reply, reply.length, 6, 'icmp')).toBe(-1);
    expect(findEchoReply(Uint8Array.of(129, ...reply.subarray(1)), reply.length, 6, 'icmp')).toBe(0);
  });

  it('never makes the reader throw or read beyond its end, whatever the bytes and whatever length is claimed', () => {
    const families = fc.constantFrom<4 | 6>(4, 6);
    const begins = fc.constantFrom<'ip' | 'icmp'>('ip', 'icmp');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(200), families, begins, (bytes, length, family, from) => {
        const at = findEchoReply(bytes, length, family, from);
        const end = Math.min(length, bytes.length);
        expect(at === -1 || at + 8 <= end).toBe(true);
        expect(findEchoRequest(bytes, length, family) === -1 || end >= 8).toBe(true);
        hasToken(bytes, Math.max(at, 0), length, IDENTITY);
      }),
      { numRuns: 2_000 },
    );
  });
});
