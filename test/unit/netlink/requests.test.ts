import { endianness } from 'node:os';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../../src/errors/index.js';
import { formatIpv4, formatIpv6 } from '../../../src/names/address-text.js';
import { AttributeCursor } from '../../../src/netlink/attributes.js';
import {
  encodeAddressDump,
  encodeLinkDump,
  encodeLinkRequest,
  encodeRouteDump,
  encodeRouteRequest,
  encodeRuleDump,
  type LinkSelector,
  type RouteDumpOptions,
  type RouteQuery,
  type RuleDumpOptions,
} from '../../../src/netlink/index.js';
import { bytesOf, captured } from './fixtures/index.js';

const LITTLE = endianness() === 'LE';
const HEADER_LENGTH = 16;
const STRUCTURES = { link: 16, address: 8, route: 12, rule: 12 } as const;

interface Request {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly portId: number;
  readonly structure: DataView;
  /** The payloads in hexadecimal, by attribute type. */
  readonly attributes: ReadonlyMap<number, string>;
}

/** Takes a request apart by the layout in the kernel's headers. */
function dissect(bytes: Uint8Array, kind: keyof typeof STRUCTURES): Request {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  expect(view.getUint32(0, LITTLE)).toBe(bytes.length);
  const structureEnd = HEADER_LENGTH + STRUCTURES[kind];
  const attributes = new Map<number, string>();
  const cursor = new AttributeCursor(view, structureEnd, bytes.length);
  while (cursor.next()) attributes.set(cursor.type, Buffer.from(bytes.slice(cursor.start, cursor.end)).toString('hex'));
  return {
    type: view.getUint16(4, LITTLE),
    flags: view.getUint16(6, LITTLE),
    sequence: view.getUint32(8, LITTLE),
    portId: view.getUint32(12, LITTLE),
    structure: new DataView(bytes.slice(HEADER_LENGTH, structureEnd).buffer),
    attributes,
  };
}

/** A u32 in host order, in hexadecimal. */
const u32 = (value: number): string => Buffer.from(new Uint32Array([value]).buffer).toString('hex');
const hex = (text: string): string => Buffer.from(text).toString('hex');

// linux/netlink.h, linux/rtnetlink.h, linux/if_link.h
const REQUEST = 0x01;
const REQUEST_DUMP = 0x301;
const RTM_GETLINK = 18;
const RTM_GETADDR = 22;
const RTM_GETROUTE = 26;
const RTM_GETRULE = 34;
const IFLA_IFNAME = 3;
const IFLA_EXT_MASK = 29;
const IFLA_ALT_IFNAME = 53;
const RTA = { dst: 1, src: 2, oif: 4, table: 15, mark: 16, uid: 25, ipProto: 27, sport: 28, dport: 29 } as const;
const LOOKUP_TABLE = 0x1000;
const FIB_MATCH = 0x2000;

describe('dump requests', () => {
  it('ask for every link, without the counters that nobody reads', () => {
    const request = dissect(encodeLinkDump(7), 'link');
    expect(request).toMatchObject({ type: RTM_GETLINK, flags: REQUEST_DUMP, sequence: 7, portId: 0 });
    expect(request.attributes).toEqual(new Map([[IFLA_EXT_MASK, u32(8)]]));
  });

  it('ask for every address', () => {
    const request = dissect(encodeAddressDump(8), 'address');
    expect(request).toMatchObject({ type: RTM_GETADDR, flags: REQUEST_DUMP, sequence: 8 });
    expect(request.structure.getUint8(0)).toBe(0);
  });

  it.each([
    [{}, 0, new Map()],
    [{ family: 4 }, 2, new Map()],
    [{ family: 6, table: 70_000 }, 10, new Map([[RTA.table, u32(70_000)]])],
  ] as const)('ask for routes with %j', (options, family, attributes) => {
    const request = dissect(encodeRouteDump(9, options), 'route');
    expect(request).toMatchObject({ type: RTM_GETROUTE, flags: REQUEST_DUMP, sequence: 9 });
    expect(request.structure.getUint8(0)).toBe(family);
    expect(request.attributes).toEqual(attributes);
  });

  it.each([
    [{}, 0],
    [{ family: 4 }, 2],
    [{ family: 6 }, 10],
  ] as const)('ask for rules with %j', (options, family) => {
    const request = dissect(encodeRuleDump(10, options), 'rule');
    expect(request).toMatchObject({ type: RTM_GETRULE, flags: REQUEST_DUMP, sequence: 10 });
    expect(Buffer.from(request.structure.buffer).toString('hex')).toBe(`0${family.toString(16)}${'00'.repeat(11)}`);
    expect(request.attributes).toEqual(new Map());
  });

  it('let the sequence number wrap around at 2^32', () => {
    expect(dissect(encodeLinkDump(2 ** 32 + 3), 'link').sequence).toBe(3);
  });

  it.each<[string, RouteDumpOptions]>([
    ['family', JSON.parse('{"family":5}')],
    ['table', { table: 0 }],
    ['table', { table: 2 ** 32 }],
    ['table', { table: 1.5 }],
    ['tabel', JSON.parse('{"tabel":254}')],
  ])('refuse a wrong %s', (option, options) => {
    expect(() => encodeRouteDump(1, options)).toThrow(
      expect.objectContaining({ name: 'InvalidOptionError', option: `encodeRouteDump: ${option}` }),
    );
  });

  it.each<[string, RuleDumpOptions]>([
    ['family', JSON.parse('{"family":2}')],
    ['table', JSON.parse('{"table":254}')],
  ])('for rules refuse a wrong %s', (option, options) => {
    expect(() => encodeRuleDump(1, options)).toThrow(
      expect.objectContaining({ name: 'InvalidOptionError', option: `encodeRuleDump: ${option}` }),
    );
  });
});

describe('encodeLinkRequest', () => {
  it('asks by index', () => {
    const request = dissect(encodeLinkRequest(1, { index: 42 }), 'link');
    expect(request).toMatchObject({ type: RTM_GETLINK, flags: REQUEST, sequence: 1 });
    expect(request.structure.getInt32(4, LITTLE)).toBe(42);
    expect(request.attributes).toEqual(new Map([[IFLA_EXT_MASK, u32(8)]]));
  });

  it.each([
    ['eth0', IFLA_IFNAME],
    ['exactly15bytes!', IFLA_IFNAME],
    ['sixteen-bytes-16', IFLA_ALT_IFNAME],
    ['größe', IFLA_IFNAME],
    ['x'.repeat(127), IFLA_ALT_IFNAME],
  ])('asks by the name %s', (name, attribute) => {
    expect(dissect(encodeLinkRequest(1, { name }), 'link').attributes.get(attribute)).toBe(hex(`${name}\0`));
  });

  it.each<[string, LinkSelector]>([
    ['index', { index: 0 }],
    ['index', { index: 2 ** 31 }],
    ['name', { name: '' }],
    ['name', { name: 'a\0b' }],
    ['name', { name: 'x'.repeat(128) }],
    ['name', { name: 'ü'.repeat(64) }],
    ['link', JSON.parse('{}')],
    ['link', JSON.parse('{"index":1,"name":"lo"}')],
    ['options', JSON.parse('null')],
  ])('refuses a wrong %s', (option, link) => {
    expect(() => encodeLinkRequest(1, link)).toThrow(
      expect.objectContaining({ name: 'InvalidOptionError', option: `encodeLinkRequest: ${option}` }),
    );
  });
});

describe('encodeRouteRequest', () => {
  it('asks for an IPv4 destination and the table that its route is in', () => {
    const request = dissect(encodeRouteRequest(5, { destination: '192.0.2.1' }), 'route');
    expect(request).toMatchObject({ type: RTM_GETROUTE, flags: REQUEST, sequence: 5 });
    expect([0, 1, 2].map((at) => request.structure.getUint8(at))).toEqual([2, 32, 0]);
    expect(request.structure.getUint32(8, LITTLE)).toBe(LOOKUP_TABLE);
    expect(request.attributes).toEqual(new Map([[RTA.dst, 'c0000201']]));
  });

  it('asks for an IPv6 destination without the flag that strict kernels refuse', () => {
    const request = dissect(encodeRouteRequest(5, { destination: '2001:db8::1' }), 'route');
    expect([0, 1, 2].map((at) => request.structure.getUint8(at))).toEqual([10, 128, 0]);
    expect(request.structure.getUint32(8, LITTLE)).toBe(0);
    expect(request.attributes).toEqual(new Map([[RTA.dst, '20010db8000000000000000000000001']]));
  });

  it('tells the kernel everything that its policy may look at', () => {
    const request = dissect(
      encodeRouteRequest(5, {
        destination: '192.0.2.1',
        source: '192.0.2.2',
        mark: 2 ** 32 - 1,
        uid: 1_000,
        ifIndex: 3,
        protocol: 'tcp',
        sourcePort: 40_000,
        destinationPort: 443,
        fibMatch: true,
      }),
      'route',
    );
    expect(request.structure.getUint8(2)).toBe(32);
    expect(request.structure.getUint32(8, LITTLE)).toBe(LOOKUP_TABLE | FIB_MATCH);
    expect(Object.fromEntries(request.attributes)).toEqual({
      [RTA.dst]: 'c0000201',
      [RTA.src]: 'c0000202',
      [RTA.oif]: u32(3),
      [RTA.mark]: u32(2 ** 32 - 1),
      [RTA.uid]: u32(1_000),
      [RTA.ipProto]: '06',
      [RTA.sport]: '9c40',
      [RTA.dport]: '01bb',
    });
  });

  it.each([
    ['192.0.2.1', 'udp', '11'],
    ['192.0.2.1', 'icmp', '01'],
    ['2001:db8::1', 'icmp', '3a'],
  ] as const)('numbers the protocol for %s and %s as 0x%s', (destination, protocol, number) => {
    const request = dissect(encodeRouteRequest(5, { destination, protocol }), 'route');
    expect(request.attributes.get(RTA.ipProto)).toBe(number);
  });

  it('round-trips any destination', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (destination) => {
        const { attributes } = dissect(encodeRouteRequest(1, { destination }), 'route');
        const bytes = Uint8Array.from(Buffer.from(attributes.get(RTA.dst) ?? '', 'hex'));
        const view = new DataView(bytes.buffer);
        const text = bytes.length === 4 ? formatIpv4(view, 0) : formatIpv6(view, 0);
        expect(encodeRouteRequest(1, { destination: text })).toEqual(encodeRouteRequest(1, { destination }));
      }),
    );
  });

  it.skipIf(!LITTLE).each(captured.lookups)('makes the request that the kernel has answered: $query', (lookup) => {
    expect(encodeRouteRequest(100, lookup.query)).toEqual(bytesOf(lookup.request));
  });

  it.each<[string, RouteQuery]>([
    ['destination', { destination: 'example.com' }],
    ['destination', { destination: 'fe80::1%eth0' }],
    ['destination', { destination: '192.0.2.1/32' }],
    ['destination', JSON.parse('{}')],
    ['source', { destination: '192.0.2.1', source: 'localhost' }],
    ['source', { destination: '192.0.2.1', source: '2001:db8::1' }],
    ['mark', { destination: '192.0.2.1', mark: -1 }],
    ['mark', { destination: '192.0.2.1', mark: 2 ** 32 }],
    ['uid', { destination: '192.0.2.1', uid: 2 ** 32 - 1 }],
    ['ifIndex', { destination: '192.0.2.1', ifIndex: 0 }],
    ['protocol', JSON.parse('{"destination":"192.0.2.1","protocol":"sctp"}')],
    ['sourcePort', { destination: '192.0.2.1', sourcePort: 0 }],
    ['destinationPort', { destination: '192.0.2.1', destinationPort: 65_536 }],
    ['fibMatch', JSON.parse('{"destination":"192.0.2.1","fibMatch":1}')],
    ['port', JSON.parse('{"destination":"192.0.2.1","port":443}')],
  ])('refuses a wrong %s', (option, query) => {
    expect(() => encodeRouteRequest(1, query)).toThrow(InvalidOptionError);
    expect(() => encodeRouteRequest(1, query)).toThrow(
      expect.objectContaining({ option: `encodeRouteRequest: ${option}` }),
    );
  });
});
