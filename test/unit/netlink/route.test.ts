import { endianness } from 'node:os';
import { describe, expect, it } from 'vitest';
import {
  AF_INET,
  AF_INET6,
  RTA_CACHEINFO,
  RTA_DST,
  RTA_MULTIPATH,
  RTA_OIF,
  RTA_TABLE,
  RTA_VIA,
  RTM_NEWROUTE,
} from '../../../src/netlink/constants.js';
import { decodeDatagram, NetlinkDecodeError, type Route } from '../../../src/netlink/index.js';
import { RequestWriter } from '../../../src/netlink/request-writer.js';
import { captured, decodeAll, notificationsOf } from './fixtures/index.js';
import { linksIn, routesAsIpSaysThem, routesIn, routesOfIp } from './ip-json.js';

const RTMSG_LENGTH = 12;
const newRoute = (family = AF_INET): RequestWriter =>
  new RequestWriter(0, RTM_NEWROUTE, 0, RTMSG_LENGTH).structureU8(0, family);

const u16 = (value: number): Uint8Array => new Uint8Array(new Uint16Array([value]).buffer);
const u32 = (value: number): Uint8Array => new Uint8Array(new Uint32Array([value]).buffer);

function decodeOne(message: RequestWriter): Route {
  const [route] = routesIn(decodeDatagram(message.finish()));
  if (route === undefined) throw new Error('no route message');
  return route;
}

describe.skipIf(endianness() === 'BE')('routes as captured', () => {
  const links = linksIn(decodeAll(captured.links));
  const routes = routesIn(decodeAll(captured.routes));
  const to = (destination: string, prefixLength: number, table = 254): Route => {
    const route = routes.find(
      (candidate) =>
        candidate.destination === destination && candidate.prefixLength === prefixLength && candidate.table === table,
    );
    if (route === undefined) throw new Error(`the capture has no route to ${destination}/${prefixLength}`);
    return route;
  };

  it('are what ip says they are', () => {
    expect(routesAsIpSaysThem(routes, links)).toEqual(routesOfIp(captured.ip.routes));
  });

  it('hold everything that there is to say of a default route', () => {
    expect(routes.find((route) => route.protocol === 'dhcp')).toEqual({
      family: 4,
      destination: undefined,
      prefixLength: 0,
      source: undefined,
      sourcePrefixLength: 0,
      tos: 0,
      table: 254,
      protocol: 'dhcp',
      scope: 'global',
      type: 'unicast',
      gateway: '192.0.2.253',
      ifIndex: 3,
      preferredSource: '192.0.2.1',
      metric: 200,
      flags: 0,
      linkDown: false,
      dead: false,
      onLink: false,
      cloned: false,
      nextHops: [],
      nextHopId: undefined,
      mark: undefined,
      uid: undefined,
      expiresIn: undefined,
    });
  });

  it('name what becomes of the packets', () => {
    expect(to('198.51.100.128', 25).type).toBe('blackhole');
    expect(to('203.0.113.128', 26).type).toBe('unreachable');
    expect(to('203.0.113.192', 27).type).toBe('prohibit');
    expect(to('203.0.113.224', 27, 1_000).type).toBe('throw');
    expect(to('198.51.100.4', 30, 255).type).toBe('local');
    expect(to('2001:db8:10::', 48).type).toBe('blackhole');
    expect(to('2001:db8:11::', 48).type).toBe('unreachable');
    expect(to('2001:db8:12::', 48).type).toBe('prohibit');
    expect(to('233.252.0.0', 24).type).toBe('multicast');
    expect(to('192.0.2.255', 32, 255).type).toBe('broadcast');
    expect(to('198.51.100.230', 32, 255).type).toBe('anycast');
    expect(to('2001:db8:14::', 48, 1_000).type).toBe('throw');
  });

  it('have every way of a multipath route, with its weight and its state', () => {
    expect(to('192.0.2.128', 26)).toMatchObject({
      gateway: undefined,
      ifIndex: undefined,
      nextHops: [
        { gateway: '192.0.2.10', ifIndex: 3, weight: 3, linkDown: false },
        { gateway: 'fe80::1', ifIndex: 3, weight: 1, linkDown: false },
        { gateway: undefined, weight: 1, linkDown: true },
      ],
    });
  });

  it('go on existing over a link without carrier, and say so', () => {
    expect(to('192.0.2.192', 28)).toMatchObject({ linkDown: true, dead: false });
  });

  it('may lead an IPv4 destination through an IPv6 router', () => {
    expect(to('198.51.100.64', 26)).toMatchObject({ family: 4, gateway: '2001:db8::fe' });
  });

  it('know the nexthop object that they use', () => {
    expect(to('198.51.100.16', 28)).toMatchObject({ nextHopId: 7, gateway: '192.0.2.20' });
    expect(to('203.0.113.64', 28)).toMatchObject({ nextHopId: 9, nextHops: [{ weight: 2 }, { weight: 1 }] });
  });

  it('go nowhere where the nexthop object does not', () => {
    expect(to('198.51.100.248', 30)).toMatchObject({ nextHopId: 10, type: 'blackhole', gateway: undefined });
  });

  it('have every number up to the highest', () => {
    expect(to('203.0.113.32', 28, 2 ** 32 - 1)).toMatchObject({ metric: 2 ** 32 - 1, protocol: 250 });
  });

  it('know a gateway that is on the link by decree', () => {
    expect(to('198.51.100.32', 27).onLink).toBe(true);
  });

  it('have numbers for tables, protocols and scopes that have no name', () => {
    expect(to('2001:db8:23::', 48, 70_000).table).toBe(70_000);
    expect(to('192.0.2.192', 28)).toMatchObject({ protocol: 12, scope: 150 });
  });

  it('say for which source they are', () => {
    expect(to('2001:db8:20::', 48)).toMatchObject({ source: '2001:db8:21::', sourcePrefixLength: 48 });
  });

  it('say how long they last, in milliseconds', () => {
    const route = routes.find((candidate) => candidate.family === 6 && candidate.prefixLength === 0);
    expect(route?.expiresIn).toBeGreaterThan(590_000);
    expect(route?.expiresIn).toBeLessThanOrEqual(600_000);
  });

  it('come from one table where one was asked for', () => {
    const tables = new Set(routesIn(decodeAll(captured.mainRoutes)).map((route) => route.table));
    expect(tables).toEqual(new Set([254]));
  });
});

describe.skipIf(endianness() === 'BE')('look-ups as captured', () => {
  const links = linksIn(decodeAll(captured.links));
  const answered = captured.lookups.filter((lookup) => typeof lookup.ip !== 'string');
  const refused = captured.lookups.filter((lookup) => typeof lookup.ip === 'string');

  it.each(answered)('are answered with what ip route get says: $query', ({ answer, ip }) => {
    expect(routesAsIpSaysThem(routesIn(decodeAll(answer)), links)).toEqual(routesOfIp(ip));
  });

  it('are refused with the errno of the route that forbids them', () => {
    const ends = refused.map(({ query, answer }) => {
      const message = decodeAll(answer).at(0);
      return [query.destination, message?.kind === 'error' ? message.status.errno : message];
    });
    expect(ends).toEqual([
      ['198.51.100.200', 22],
      ['203.0.113.130', 113],
      ['203.0.113.193', 13],
      ['2001:db8:11::1', 113],
    ]);
  });
});

describe.skipIf(endianness() === 'BE')('route notifications as captured', () => {
  it('tell of a route that comes, is replaced and goes', () => {
    const route = (gateway: string) => ({ destination: '198.51.100.0', prefixLength: 30, gateway });
    expect(notificationsOf('route add 198.51.100.0/30 via 192.0.2.50')).toMatchObject([
      { kind: 'route', change: 'new', route: route('192.0.2.50') },
    ]);
    expect(notificationsOf('route replace 198.51.100.0/30 via 192.0.2.51')).toMatchObject([
      { kind: 'route', change: 'new', route: route('192.0.2.51') },
    ]);
    expect(notificationsOf('route del 198.51.100.0/30')).toMatchObject([
      { kind: 'route', change: 'deleted', route: route('192.0.2.51') },
    ]);
  });

  it('carry the sequence number and port of whoever made the change', () => {
    const [message] = notificationsOf('route add 198.51.100.0/30 via 192.0.2.50');
    expect(message?.header.sequence).not.toBe(0);
    expect(message?.header.portId).not.toBe(0);
  });
});

describe('decoding a route', () => {
  it('believes the 32-bit table, not the eight bits of the header', () => {
    const compat = 252;
    expect(decodeOne(newRoute().structureU8(4, compat)).table).toBe(252);
    expect(decodeOne(newRoute().structureU8(4, compat).u32(RTA_TABLE, 70_000)).table).toBe(70_000);
  });

  it.each([
    [0, 'unspecified'],
    [1, 'redirect'],
    [2, 'kernel'],
    [3, 'boot'],
    [4, 'static'],
    [9, 'ra'],
    [16, 'dhcp'],
    [186, 186],
  ])('names the protocol %i %s', (number, protocol) => {
    expect(decodeOne(newRoute().structureU8(5, number)).protocol).toBe(protocol);
  });

  it('steps over the padding between next hops', () => {
    const unaligned = [...u16(13), 0, 0, ...u32(3), ...u16(5), ...u16(99), 1, 0, 0, 0];
    const last = [...u16(8), 0, 1, ...u32(4)];
    expect(decodeOne(newRoute().raw(RTA_MULTIPATH, Uint8Array.from([...unaligned, ...last]))).nextHops).toMatchObject([
      { ifIndex: 3, weight: 1 },
      { ifIndex: 4, weight: 2 },
    ]);
  });

  it('does not look for a next hop beyond the end of the datagram', () => {
    const padded = newRoute().raw(RTA_MULTIPATH, Uint8Array.of(0)).finish();
    const unpadded = padded.slice(0, padded.length - 3);
    unpadded.set(u32(unpadded.length));
    expect(() => decodeDatagram(unpadded)).toThrow(NetlinkDecodeError);
  });

  it('calls a type unknown that has no name', () => {
    expect(decodeOne(newRoute().structureU8(7, 77)).type).toBe('unknown');
  });

  it('has no gateway where the router is of a family that is not IP', () => {
    const AF_PACKET = 17;
    const via = Uint8Array.from([...u16(AF_PACKET), 2, 0, 0, 0, 0, 1]);
    expect(decodeOne(newRoute().raw(RTA_VIA, via).u32(RTA_OIF, 3))).toMatchObject({ gateway: undefined, ifIndex: 3 });
  });

  it.each([
    ['a message without the whole of struct rtmsg', new RequestWriter(0, RTM_NEWROUTE, 0, 11).structureU8(0, AF_INET)],
    ['a prefix longer than its address', newRoute().structureU8(1, 33).raw(RTA_DST, new Uint8Array(4))],
    ['a prefix without its address, which would be a default route', newRoute().structureU8(1, 24)],
    ['an IPv6 destination of four bytes', newRoute(AF_INET6).raw(RTA_DST, new Uint8Array(4))],
    ['a next hop that is cut short', newRoute().raw(RTA_MULTIPATH, new Uint8Array(7))],
    ['a next hop that is shorter than its header', newRoute().raw(RTA_MULTIPATH, new Uint8Array(8))],
    ['a next hop that is longer than the list', newRoute().raw(RTA_MULTIPATH, new Uint8Array(8).fill(0xff))],
    ['a router without an address', newRoute().raw(RTA_VIA, u16(AF_INET))],
    [
      'an IPv6 router with an IPv4 address',
      newRoute()
        .raw(RTA_VIA, Uint8Array.from([...u16(AF_INET6), 192, 0, 2, 1]))
        .raw(RTA_DST, new Uint8Array(16)),
    ],
    ['cache information that is cut short', newRoute().raw(RTA_CACHEINFO, new Uint8Array(11))],
  ])('refuses %s', (_what, message) => {
    expect(() => decodeDatagram(message.finish())).toThrow(NetlinkDecodeError);
  });

  it.each([0, 28, 128, 129])('leaves family %i alone', (family) => {
    expect(decodeDatagram(newRoute(family).finish())).toMatchObject([{ kind: 'unknown', type: RTM_NEWROUTE }]);
  });
});
