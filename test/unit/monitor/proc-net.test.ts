import { describe, expect, it } from 'vitest';
import {
  hasOtherTables,
  parseAddresses6,
  parseDevices,
  parseLocalAddresses4,
  parseRoutes4,
  parseRoutes6,
} from '../../../src/monitor/proc-net.js';
import {
  BLACKHOLE4,
  CONNECTED4,
  DEFAULT4,
  FIB_TRIE,
  FIB_TRIESTAT,
  FIB_TRIESTAT_WITH_EMPTY_TABLE,
  FIB_TRIESTAT_WITH_TABLE_100,
  PROHIBIT4,
  ROUTE4_HEADING,
  ROUTE6,
  THROW4,
  UNREACHABLE4,
} from './fake-files.js';

describe('/proc/net/route', () => {
  it('shows gateways, devices, prefixes and metrics', () => {
    expect(parseRoutes4(ROUTE4_HEADING + DEFAULT4 + CONNECTED4)).toEqual([
      {
        prefix: Uint8Array.of(0, 0, 0, 0),
        prefixLength: 0,
        device: 'eth0',
        gateway: '192.0.2.1',
        metric: 100,
        kind: 'unicast',
      },
      {
        prefix: Uint8Array.of(192, 0, 2, 0),
        prefixLength: 24,
        device: 'eth0',
        gateway: undefined,
        metric: 0,
        kind: 'unicast',
      },
    ]);
  });

  it.each([
    ['throw', THROW4, 15],
    ['blackhole', BLACKHOLE4, 24],
    ['unreachable', UNREACHABLE4, 24],
    ['prohibit', PROHIBIT4, 25],
  ])(
    'shows a route of type %s as one that rejects, by its flag or by having no device',
    (_type, text, prefixLength) => {
      expect(parseRoutes4(ROUTE4_HEADING + text)).toMatchObject([{ kind: 'reject', device: undefined, prefixLength }]);
    },
  );

  it('may be empty, with its heading or without', () => {
    expect(parseRoutes4('')).toEqual([]);
    expect(parseRoutes4(ROUTE4_HEADING)).toEqual([]);
  });

  it.each(['eth0 0 0 0', 'eth0\t0000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0'])(
    'is not believed at all where a line is not understood: %j',
    (line) => {
      expect(() => parseRoutes4(`${ROUTE4_HEADING}${line}\n`)).toThrow('not understood');
    },
  );
});

describe('/proc/net/ipv6_route', () => {
  const routes = parseRoutes6(ROUTE6);

  it('shows gateways, devices, prefixes and metrics', () => {
    expect(routes.find(({ gateway }) => gateway !== undefined)).toEqual({
      prefix: new Uint8Array(16),
      prefixLength: 0,
      device: 'eth0',
      gateway: '2001:db8::1',
      metric: 512,
      kind: 'unicast',
    });
  });

  it('tells routes to the host itself and those that reject from the others', () => {
    expect(routes.map(({ kind }) => kind)).toEqual([
      'unicast',
      'reject',
      'unicast',
      'unicast',
      'local',
      'local',
      'unicast',
      'reject',
    ]);
    expect(routes.at(-1)).toMatchObject({ metric: 0xffff_ffff, prefixLength: 0 });
  });

  it('is not believed at all where a line is not understood', () => {
    expect(() => parseRoutes6(`${ROUTE6}default via fe80::1\n`)).toThrow('not understood');
    expect(parseRoutes6('')).toEqual([]);
  });
});

describe('/proc/net/fib_triestat', () => {
  it('shows whether there are tables that rules could name', () => {
    expect(hasOtherTables(FIB_TRIESTAT)).toBe(false);
    expect(hasOtherTables(FIB_TRIESTAT_WITH_TABLE_100)).toBe(true);
  });

  it('shows a table that is empty, as one that has been emptied remains', () => {
    expect(hasOtherTables(FIB_TRIESTAT_WITH_EMPTY_TABLE)).toBe(false);
  });
});

describe('/proc/net/fib_trie', () => {
  it('shows the own addresses, each once, beside networks and broadcasts', () => {
    expect(parseLocalAddresses4(FIB_TRIE)).toEqual(['127.0.0.1', '192.0.2.10']);
  });

  it('shows an address that is also the first of a network', () => {
    const text = `Local:
     |-- 203.0.113.0
        /24 link UNICAST
        /32 host LOCAL
     |-- 203.0.113.7
        /31 link UNICAST
        /32 link BROADCAST
`;
    expect(parseLocalAddresses4(text)).toEqual(['203.0.113.0']);
  });
});

describe('/proc/net/if_inet6', () => {
  it.each([
    ['20010db8000000000000000000000010 03 40 00 82     eth0', { scope: 'global', permanent: true, usable: true }],
    ['20010db8000000000000000000000010 03 40 00 01     eth0', { scope: 'global', permanent: false, usable: true }],
    ['20010db8000000000000000000000010 03 40 00 c0     eth0', { scope: 'global', usable: false }],
    ['20010db8000000000000000000000010 03 40 00 44     eth0', { scope: 'global', usable: true }],
    ['20010db8000000000000000000000010 03 40 00 88     eth0', { scope: 'global', usable: false }],
    ['fe80000000000000a8afcffffe8d1329 02 40 20 80       p0', { scope: 'link', ifIndex: 2, device: 'p0' }],
    ['20010db8000000000000000000000001 3e9 80 00 80 veth1001', { ifIndex: 1_001, prefixLength: 128 }],
  ])('shows scope, lifetime and whether the address is known to be unique: %s', (line, expected) => {
    expect(parseAddresses6(`${line}\n`)).toMatchObject([expected]);
  });

  it('is not believed at all where a line is not understood', () => {
    expect(() => parseAddresses6('2001:db8::1/64 eth0\n')).toThrow('not understood');
    expect(parseAddresses6('')).toEqual([]);
  });
});

describe('/proc/net/dev', () => {
  it('shows the counters of each interface, whatever the width of its name', () => {
    const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 7183034334  378133    0    0    0     0          0         0 7183034334  378133    0    0    0     0       0          0
enp0s31f6longer:     180       2    0    0    0     0          0         0      196       3    0    0    0     0       0          0
`;
    expect([...parseDevices(text)]).toEqual([
      ['lo', { rxBytes: 7_183_034_334, rxPackets: 378_133, txBytes: 7_183_034_334, txPackets: 378_133 }],
      ['enp0s31f6longer', { rxBytes: 180, rxPackets: 2, txBytes: 196, txPackets: 3 }],
    ]);
  });
});
