import { isIPv6, SocketAddress } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatIpv4, formatIpv6, parseIp } from '../../../src/names/address-text.js';
import { formatLinkLayerAddress } from '../../../src/netlink/link-layer-address.js';

const view = (bytes: Iterable<number>): DataView => new DataView(Uint8Array.from(bytes).buffer);
const bytesOfHex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
const byte = fc.nat({ max: 255 });
/** Zeros are what makes IPv6 text hard. */
const sparseByte = fc.oneof(fc.constant(0), fc.constant(0), fc.constant(0xff), byte);

describe('IPv4 text', () => {
  it('is the four bytes in decimal', () => {
    expect(formatIpv4(view([9, 192, 0, 2, 255]), 1)).toBe('192.0.2.255');
  });

  it('comes back from its bytes', () => {
    fc.assert(
      fc.property(fc.ipV4(), (text) => {
        const ip = parseIp(text);
        expect(ip?.family).toBe(4);
        expect(formatIpv4(view(ip?.bytes ?? []), 0)).toBe(text);
      }),
    );
  });
});

describe('IPv6 text', () => {
  it.each([
    ['00000000000000000000000000000000', '::'],
    ['00000000000000000000000000000001', '::1'],
    ['20010db8000000000000000000000001', '2001:db8::1'],
    ['20010db8000000000001000000000001', '2001:db8::1:0:0:1'],
    ['20010db8000000010000000000000001', '2001:db8:0:1::1'],
    ['20010db8000000010001000100010001', '2001:db8:0:1:1:1:1:1'],
    ['20010db8000100010001000100010000', '2001:db8:1:1:1:1:1:0'],
    ['20010db8000000000000000000000000', '2001:db8::'],
    ['fe80000000000000abcdef0123456789', 'fe80::abcd:ef01:2345:6789'],
    ['00000000000000000000ffffc0000201', '::ffff:192.0.2.1'],
    ['000000000000000000000000c0000201', '::192.0.2.1'],
    ['0000000000000000000000000000ffff', '::ffff'],
    ['0000000000000000ffff0000c0000201', '::ffff:0:c000:201'],
    ['0064ff9b0000000000000000c0000201', '64:ff9b::c000:201'],
  ])('of %s is %s', (hex, text) => {
    expect(formatIpv6(view(bytesOfHex(hex)), 0)).toBe(text);
    expect(parseIp(text)).toEqual({ family: 6, bytes: bytesOfHex(hex) });
  });

  it('is what the C library makes of the same address', () => {
    fc.assert(
      fc.property(fc.array(sparseByte, { minLength: 16, maxLength: 16 }), (bytes) => {
        const text = formatIpv6(view(bytes), 0);
        expect(new SocketAddress({ address: text, family: 'ipv6' }).address).toBe(text);
        expect([...(parseIp(text)?.bytes ?? [])]).toEqual(bytes);
      }),
      { numRuns: 1_000 },
    );
  });

  it('is understood in every form that Node.js understands', () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        fc.pre(isIPv6(text));
        const canonical = new SocketAddress({ address: text, family: 'ipv6' }).address;
        expect(formatIpv6(view(parseIp(text)?.bytes ?? []), 0)).toBe(canonical);
      }),
    );
  });
});

describe('parseIp', () => {
  it.each([
    '',
    'localhost',
    '192.0.2',
    '192.0.2.256',
    '192.0.2.1/24',
    '2001:db8::1::2',
    'fe80::1%eth0',
    ' ::1',
    '[::1]',
  ])('takes %j for no address', (text) => {
    expect(parseIp(text)).toBeUndefined();
  });
});

describe('link-layer text', () => {
  it.each([
    ['02005e100001', '02:00:5e:10:00:01'],
    ['c0000201', 'c0:00:02:01'],
    ['80000048fe8000000000000002c903000001ab0f', '80:00:00:48:fe:80:00:00:00:00:00:00:02:c9:03:00:00:01:ab:0f'],
  ])('of %s is %s', (hex, text) => {
    expect(formatLinkLayerAddress(view(bytesOfHex(hex)), 0, hex.length / 2)).toBe(text);
  });
});
