import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FilterInstruction, MOST_INSTRUCTIONS } from '../../../native/index.js';
import { type Ip, parseIp } from '../../../src/names/address-text.js';
import { RTA_DST, RTA_OIF, RTA_TABLE, RTM_DELROUTE, RTM_NEWROUTE } from '../../../src/netlink/constants.js';
import { type ByteOrder, buildRouteFilter, MOST_DESTINATIONS } from '../../../src/netlink/route-filter.js';
import { findAttribute, runFilter } from './bpf-machine.js';
import { allDatagrams, bytesOf, captured } from './fixtures/index.js';

const RTM_NEWLINK = 16;
const RTM_NEWNEXTHOP = 104;
const RTNL_FAMILY_MPLS = 28;

const ips = (...texts: readonly string[]): readonly Ip[] => texts.map(parseIp).filter((ip) => ip !== undefined);

/** Whether a datagram gets through the filter for these destinations. */
function passes(datagram: Uint8Array, destinations: readonly Ip[], byteOrder: ByteOrder = 'little'): boolean {
  const kept = runFilter(buildRouteFilter(destinations, byteOrder), datagram, byteOrder);
  expect([0, 0xffff_ffff]).toContain(kept);
  return kept !== 0;
}

interface RouteDraft {
  readonly type?: number;
  readonly family: number;
  readonly prefixLength: number;
  readonly attributes: readonly (readonly [type: number, value: Uint8Array])[];
  readonly byteOrder?: ByteOrder;
}

function routeMessage({ type = RTM_NEWROUTE, family, prefixLength, attributes, byteOrder }: RouteDraft): Uint8Array {
  const little = byteOrder !== 'big';
  const length = attributes.reduce((sum, [, { length }]) => sum + 4 + ((length + 3) & ~3), 28);
  const view = new DataView(new ArrayBuffer(length));
  const bytes = new Uint8Array(view.buffer);
  view.setUint32(0, length, little);
  view.setUint16(4, type, little);
  view.setUint8(16, family);
  view.setUint8(17, prefixLength);
  let at = 28;
  for (const [attribute, value] of attributes) {
    view.setUint16(at, 4 + value.length, little);
    view.setUint16(at + 2, attribute, little);
    bytes.set(value, at + 4);
    at += 4 + ((value.length + 3) & ~3);
  }
  return bytes;
}

const TABLE = [RTA_TABLE, Uint8Array.of(254, 0, 0, 0)] as const;

/** A route to `192.0.2.0/24` as the kernel tells of it. */
function routeTo(prefix: string, more: Partial<RouteDraft> = {}): Uint8Array {
  const [text = '', length] = prefix.split('/');
  const ip = parseIp(text);
  if (ip === undefined) throw new Error(`${prefix} is no prefix`);
  const family = ip.family === 4 ? 2 : 10;
  return routeMessage({ family, prefixLength: Number(length), attributes: [TABLE, [RTA_DST, ip.bytes]], ...more });
}

/** What the filter is to do, as plainly as can be said. */
function concerns(bytes: Uint8Array, destinations: readonly Ip[], byteOrder: ByteOrder): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = byteOrder === 'little';
  if (bytes.length < 28 || view.getUint32(0, little) !== bytes.length) return true;
  if (![RTM_NEWROUTE, RTM_DELROUTE].includes(view.getUint16(4, little))) return true;
  const family = { 2: 4, 10: 6 }[view.getUint8(16)];
  if (family === undefined) return true;
  const addressLength = family === 4 ? 4 : 16;
  const prefixLength = view.getUint8(17);
  if (prefixLength === 0 || prefixLength > addressLength * 8) return true;
  const at = findAttribute(view, 28, RTA_DST, byteOrder);
  if (at === 0 || view.getUint16(at, little) !== 4 + addressLength) return true;
  const prefix = bits(bytes.subarray(at + 4, at + 4 + addressLength)).slice(0, prefixLength);
  return destinations.some((ip) => ip.family === family && bits(ip.bytes).startsWith(prefix));
}

function bits(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
}

describe('the filter for 192.0.2.7 and 2001:db8::7', () => {
  const watched = ips('192.0.2.7', '2001:db8::7');

  it.each([
    '192.0.2.7/32',
    '192.0.2.6/31',
    '192.0.2.0/24',
    '192.0.0.0/8',
    '128.0.0.0/1',
    '2001:db8::7/128',
    '2001:db8::6/127',
    '2001:db8::/96',
    '2001:db8::/64',
    '2001:db8::/33',
    '2001:db8::/32',
    '2000::/3',
  ])('lets the route %s pass, which covers one of them', (prefix) => {
    expect(passes(routeTo(prefix), watched)).toBe(true);
    expect(passes(routeTo(prefix, { type: RTM_DELROUTE }), watched)).toBe(true);
  });

  it.each([
    '192.0.2.8/32',
    '192.0.2.8/29',
    '192.0.3.0/24',
    '10.0.0.0/8',
    '0.0.0.0/1',
    '2001:db8::8/128',
    '2001:db8::8/125',
    '2001:db8:0:0:1::/80',
    '2001:db8:0:1::/64',
    '2001:db9::/32',
    '2001:db8:8000::/33',
    'fe80::/64',
    'ff00::/8',
  ])('drops the route %s, which covers neither', (prefix) => {
    expect(passes(routeTo(prefix), watched)).toBe(false);
    expect(passes(routeTo(prefix, { type: RTM_DELROUTE }), watched)).toBe(false);
  });

  it('lets default routes of both families pass', () => {
    for (const family of [2, 10]) {
      expect(passes(routeMessage({ family, prefixLength: 0, attributes: [TABLE] }), watched)).toBe(true);
    }
    expect(passes(routeTo('0.0.0.0/0'), watched)).toBe(true);
  });

  it('takes the bits behind the prefix for what they are: nothing', () => {
    expect(passes(routeTo('192.0.2.200/24'), watched)).toBe(true);
    expect(passes(routeTo('192.0.3.7/24'), watched)).toBe(false);
  });

  it('finds the destination wherever it stands among the attributes', () => {
    const dst = [RTA_DST, Uint8Array.of(192, 0, 3, 0)] as const;
    const odd = [RTA_OIF, Uint8Array.of(1, 2, 3)] as const;
    for (const attributes of [[dst], [dst, TABLE], [TABLE, odd, dst], [odd, odd, TABLE, dst, odd]]) {
      expect(passes(routeMessage({ family: 2, prefixLength: 24, attributes }), watched)).toBe(false);
    }
  });

  it('lets pass what it does not understand', () => {
    const odd: Readonly<Record<string, Uint8Array>> = {
      'a link': routeTo('10.0.0.0/8', { type: RTM_NEWLINK }),
      'a nexthop object': routeTo('10.0.0.0/8', { type: RTM_NEWNEXTHOP }),
      'another family': routeTo('10.0.0.0/8', { family: RTNL_FAMILY_MPLS }),
      'no destination': routeMessage({ family: 2, prefixLength: 8, attributes: [TABLE] }),
      'no attributes': routeMessage({ family: 2, prefixLength: 8, attributes: [] }),
      'a prefix too long for IPv4': routeTo('10.0.0.0/33'),
      'a prefix too long for IPv6': routeTo('2001:db9::/129'),
      'an IPv6 address on an IPv4 route': routeTo('2001:db9::/24', { family: 2 }),
      'an IPv4 address on an IPv6 route': routeTo('10.0.0.0/24', { family: 10 }),
      'two messages': Buffer.concat([routeTo('10.0.0.0/8'), routeTo('192.0.2.0/24')]),
      'a message that goes on': routeTo('10.0.0.0/8').subarray(0, -4),
      'a header alone': routeTo('10.0.0.0/8').subarray(0, 16),
      nothing: new Uint8Array(0),
    };
    for (const [what, datagram] of Object.entries(odd)) expect([what, passes(datagram, watched)]).toEqual([what, true]);
  });
});

it('drops every route but the default ones where nothing is watched', () => {
  expect(passes(routeTo('192.0.2.0/24'), [])).toBe(false);
  expect(passes(routeTo('2001:db8::/32'), [])).toBe(false);
  expect(passes(routeTo('0.0.0.0/0'), [])).toBe(true);
});

describe('on what the kernel has sent', () => {
  const heard = (command: string): readonly Uint8Array[] => {
    const found = captured.notifications.find((each) => each.command === command);
    if (found === undefined) throw new Error(`the capture has no '${command}'`);
    return found.datagrams.map(bytesOf);
  };
  const routesOf = (command: string) => heard(command).filter((bytes) => [24, 25].includes(bytes[4] ?? 0));

  it('one message is one datagram, so that the length of the datagram is that of the message', () => {
    for (const { command } of captured.notifications) {
      for (const bytes of heard(command)) {
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        expect([command, view.getUint32(0, true)]).toEqual([command, bytes.length]);
      }
    }
  });

  it.each([
    ['route add 198.51.100.0/30 via 192.0.2.50', '198.51.100.1', '198.51.100.4'],
    ['route replace 198.51.100.0/30 via 192.0.2.51', '198.51.100.1', '198.51.100.4'],
    ['route del 198.51.100.0/30', '198.51.100.1', '198.51.100.4'],
    ['route del blackhole 2001:db8:10::/48', '2001:db8:10::1', '2001:db8:11::1'],
  ])("'%s' is heard by who watches %s and not by who watches %s", (command, within, beside) => {
    expect(routesOf(command).map((bytes) => passes(bytes, ips(within)))).toEqual([true]);
    expect(routesOf(command).map((bytes) => passes(bytes, ips(beside)))).toEqual([false]);
  });

  it('nothing is dropped but routes', () => {
    const dropped = allDatagrams.filter((bytes) => !passes(bytes, []));
    expect(dropped.length).toBeGreaterThan(0);
    expect(new Set(dropped.map((bytes) => bytes[4]))).toEqual(new Set([RTM_NEWROUTE, RTM_DELROUTE]));
  });
});

describe('on whatever comes', () => {
  const byteOrder = fc.constantFrom<ByteOrder>('little', 'big');
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  const ip: fc.Arbitrary<Ip> = fc.oneof(
    bytes(4).map((each) => ({ family: 4 as const, bytes: each })),
    bytes(16).map((each) => ({ family: 6 as const, bytes: each })),
  );
  /** Addresses that have their first bits in common, as in one network. */
  const destinations = fc
    .tuple(fc.array(ip, { maxLength: 6 }), fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 6 }))
    .map(([bases, near]) => [
      ...bases,
      ...near.flatMap(([base, bit]) => {
        const found = bases[base % Math.max(1, bases.length)];
        return found === undefined ? [] : [withBitFlipped(found, bit)];
      }),
    ]);

  /** A prefix that covers one of the destinations, or misses it by one bit, or is any other. */
  const prefixNear = (watched: readonly Ip[]) =>
    fc
      .tuple(watched.length === 0 ? ip : fc.oneof(fc.constantFrom(...watched), ip), fc.option(fc.nat()), fc.nat())
      .map(([base, bit, length]) => ({
        ip: bit === null ? base : withBitFlipped(base, bit),
        prefixLength: length % (base.bytes.length * 8 + 1),
      }));

  it('does what the plain predicate says, on hosts of either byte order', () => {
    const cases = destinations.chain((watched) => fc.tuple(fc.constant(watched), prefixNear(watched), byteOrder));
    let dropped = 0;
    let passed = 0;
    fc.assert(
      fc.property(cases, fc.nat(4), ([watched, { ip, prefixLength }, order], before) => {
        const attributes = [
          ...Array.from({ length: before }, (_, index) => [RTA_OIF, new Uint8Array(index)] as const),
          [RTA_DST, ip.bytes] as const,
          TABLE,
        ];
        const family = ip.family === 4 ? 2 : 10;
        const datagram = routeMessage({ family, prefixLength, attributes, byteOrder: order });
        const expected = concerns(datagram, watched, order);
        if (expected) passed += 1;
        else dropped += 1;
        expect(passes(datagram, watched, order)).toBe(expected);
      }),
      { numRuns: 3_000 },
    );
    // Neither outcome is rare, so that the comparison means something.
    expect(Math.min(dropped, passed)).toBeGreaterThan(300);
  });

  it('does so on damaged datagrams too', () => {
    const routes = allDatagrams.filter((each) => [RTM_NEWROUTE, RTM_DELROUTE].includes(each[4] ?? 0));
    const damage = fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { maxLength: 3 });
    fc.assert(
      fc.property(fc.constantFrom(...routes), damage, fc.nat(), destinations, (original, changes, cut, watched) => {
        const datagram = Uint8Array.from(original);
        for (const [at, value] of changes) if (at < datagram.length) datagram[at] = value;
        const part = cut % 4 === 0 ? datagram.subarray(0, cut % datagram.length) : datagram;
        expect(passes(part, watched)).toBe(concerns(part, watched, 'little'));
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('the program', () => {
  const scattered = (count: number): readonly Ip[] =>
    Array.from({ length: count }, (_, index) => {
      const bytes = new Uint8Array(16).fill(0xff);
      bytes[0] = index;
      return { family: 6, bytes };
    });

  it(`for ${MOST_DESTINATIONS} destinations is one that the kernel takes, even if no two have anything in common`, () => {
    const program = buildRouteFilter(scattered(MOST_DESTINATIONS));
    expect(program.length).toBeLessThanOrEqual(MOST_INSTRUCTIONS);
    expectWellFormed(program);
  });

  it('looks once at what destinations have in common', () => {
    const inOneNetwork = ips(...Array.from({ length: 50 }, (_, index) => `2001:db8::${index + 1}`));
    expect(buildRouteFilter(inOneNetwork).length).toBeLessThan(buildRouteFilter(scattered(50)).length / 2);
    expect(buildRouteFilter(ips('192.0.2.1', '192.0.2.1'))).toEqual(buildRouteFilter(ips('192.0.2.1')));
  });

  it('jumps forward only, within bounds and within eight bits, and ends with a return', () => {
    for (const watched of [[], ips('192.0.2.1'), ips('2001:db8::1'), ips('192.0.2.1', '2001:db8::1')]) {
      expectWellFormed(buildRouteFilter(watched, 'little'));
      expectWellFormed(buildRouteFilter(watched, 'big'));
    }
  });
});

/** What bpf_check_classic() of the kernel's net/core/filter.c asks of jumps and of the end. */
function expectWellFormed(program: readonly FilterInstruction[]): void {
  for (const [index, { code, jt, jf, k }] of program.entries()) {
    const isJump = (code & 0x07) === 0x05;
    const longest = code === 0x05 ? k : Math.max(jt, jf);
    if (isJump) expect(index + 1 + longest).toBeLessThan(program.length);
    expect(Math.max(jt, jf)).toBeLessThanOrEqual(255);
  }
  expect(program.at(-1)?.code).toBe(0x06);
}

function withBitFlipped({ family, bytes }: Ip, bit: number): Ip {
  const flipped = Uint8Array.from(bytes);
  const at = bit % (bytes.length * 8);
  flipped[at >> 3] = (flipped[at >> 3] ?? 0) ^ (0x80 >> (at & 7));
  return { family, bytes: flipped };
}
