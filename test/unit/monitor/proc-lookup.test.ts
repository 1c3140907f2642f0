import { describe, expect, it } from 'vitest';
import type { LinkFacts } from '../../../src/monitor/kernel-view.js';
import { lookUpRoute, type ProcAddress, type RoutingFacts } from '../../../src/monitor/proc-lookup.js';
import type { ProcRoute } from '../../../src/monitor/proc-net.js';
import { parseIp } from '../../../src/netlink/index.js';
import { link } from './fake-host.js';

const lo = link({ index: 1, name: 'lo', loopback: true, operState: 'unknown' });
const eth0 = link({ index: 2, name: 'eth0' });
const eth1 = link({ index: 3, name: 'eth1' });
const unplugged = { carrier: false, operState: 'down' } as const;

const here = address(2, '192.0.2.10/24');
const there = address(3, '198.51.100.10/24');

describe('the look-up in the routes of /proc', () => {
  it('takes the longest prefix, whatever its metric', () => {
    const found = lookUp('203.0.113.9', {
      routes4: [route('0.0.0.0/0', 'eth0', { metric: 0 }), route('203.0.113.0/24', 'eth1', { metric: 900 })],
    });
    expect(found).toMatchObject({ kind: 'route', ifIndex: 3 });
  });

  it('takes the lowest metric among equal prefixes', () => {
    const routes4 = [route('0.0.0.0/0', 'eth1', { metric: 600 }), route('0.0.0.0/0', 'eth0', { metric: 100 })];
    expect(lookUp('203.0.113.9', { routes4 })).toMatchObject({ ifIndex: 2 });
    expect(lookUp('203.0.113.9', { routes4, links: [lo, { ...eth0, ...unplugged }, eth1] })).toMatchObject({
      ifIndex: 2,
    });
  });

  it('goes past the routes of a link without carrier where the kernel does', () => {
    const routes4 = [
      route('203.0.113.0/24', 'eth0', { metric: 100 }),
      route('0.0.0.0/0', 'eth1', { gateway: '198.51.100.1' }),
    ];
    const facts = { routes4, links: [lo, { ...eth0, ...unplugged }, eth1], passedOver: new Set(['eth0']) };
    expect(lookUp('203.0.113.9', facts)).toEqual({
      kind: 'route',
      ifIndex: 3,
      gateway: '198.51.100.1',
      source: '198.51.100.10',
    });
  });

  it.each([
    ['203.0.113.9', [route('0.0.0.0/0', 'eth0'), reject('203.0.113.0/24')]],
    ['203.0.113.9', [route('0.0.0.0/0', 'eth0', { metric: 100 }), reject('0.0.0.0/0')]],
    ['203.0.113.9', [route('192.0.2.0/24', 'eth0')]],
    ['203.0.113.9', []],
  ])('refuses where a route rejects, or none covers the destination', (destination, routes4) => {
    expect(lookUp(destination, { routes4 })).toEqual({ kind: 'refused', code: 'ENETUNREACH' });
  });

  it('does not mind a route that rejects less specifically', () => {
    const routes4 = [reject('203.0.0.0/16'), route('203.0.113.0/24', 'eth0')];
    expect(lookUp('203.0.113.9', { routes4 })).toMatchObject({ kind: 'route' });
  });

  it('answers nothing where the routes are not known, or lead over a link that is not', () => {
    expect(lookUp('203.0.113.9', { routes4: undefined })).toEqual({ kind: 'unanswered' });
    expect(lookUp('203.0.113.9', { routes4: [route('0.0.0.0/0', 'eth7')] })).toEqual({ kind: 'unanswered' });
    expect(lookUp('fe80::1%eth0')).toEqual({ kind: 'unanswered' });
  });

  it.each(['127.0.0.1', '127.1.2.3', '::1', '192.0.2.10', '2001:db8::10'])(
    'leads to the host itself over loopback: %s',
    (own) => {
      const addresses = [here, address(2, '2001:db8::10/64')];
      expect(lookUp(own, { addresses, routes4: [], routes6: [] })).toEqual({ kind: 'route', ifIndex: 1, source: own });
    },
  );

  it('keeps to the interface that the socket is bound to', () => {
    const routes4 = [route('0.0.0.0/0', 'eth0', { metric: 100 }), route('0.0.0.0/0', 'eth1', { metric: 200 })];
    expect(lookUp('203.0.113.9', { routes4 }, { ifIndex: 3 })).toMatchObject({ ifIndex: 3, source: '198.51.100.10' });
    expect(lookUp('203.0.113.9', { routes4: routes4.slice(0, 1) }, { ifIndex: 3 })).toMatchObject({ kind: 'refused' });
  });

  describe('for a source of IPv4', () => {
    const routes4 = [route('0.0.0.0/0', 'eth0', { gateway: '203.0.113.1' })];

    it('takes the address in the subnet of the gateway, and otherwise the first one of the link', () => {
      const second = address(2, '203.0.113.10/24');
      expect(lookUp('8.8.8.8', { routes4, addresses: [there, here, second] })).toMatchObject({
        source: '203.0.113.10',
      });
      expect(lookUp('8.8.8.8', { routes4, addresses: [there, here] })).toMatchObject({ source: '192.0.2.10' });
    });

    it('takes one of another link where the link has none, as unnumbered links do', () => {
      const onLoopback = address(1, '203.0.113.53/32');
      expect(lookUp('8.8.8.8', { routes4, addresses: [onLoopback] })).toMatchObject({ source: '203.0.113.53' });
    });

    it('answers nothing where none is known, since the kernel keeps no route without one', () => {
      expect(lookUp('8.8.8.8', { routes4, addresses: [] })).toEqual({ kind: 'unanswered' });
    });

    it('still names a link that cannot carry packets', () => {
      const links = [lo, { ...eth0, ...unplugged }, eth1];
      expect(lookUp('8.8.8.8', { routes4, addresses: [], links })).toMatchObject({ kind: 'route', ifIndex: 2 });
    });

    it('is told by the socket where that is bound', () => {
      expect(lookUp('8.8.8.8', { routes4 }, { source: '192.0.2.99' })).toMatchObject({ source: '192.0.2.99' });
    });
  });

  describe('for IPv6', () => {
    const byRouter = route('::/0', 'eth0', { gateway: 'fe80::1', metric: 1_024 });
    const global = address(2, '2001:db8::10/64');
    const linkLocal = address(2, 'fe80::10/64', { linkLocal: true });

    it('believes a worse route over a link that is up rather than a better one over a link that is not', () => {
      const routes6 = [byRouter, route('::/0', 'eth1', { metric: 2_048 })];
      const links = [lo, { ...eth0, ...unplugged }, eth1];
      const addresses = [global, address(3, '2001:db8:3::10/64')];
      expect(lookUp('2001:db8:9::1', { routes6, addresses })).toMatchObject({ ifIndex: 2 });
      expect(lookUp('2001:db8:9::1', { routes6, addresses, links })).toMatchObject({ ifIndex: 3 });
    });

    it('names the best route where all lead over links that cannot carry packets', () => {
      const links = [lo, { ...eth0, ...unplugged }, { ...eth1, adminUp: false }];
      const routes6 = [route('::/0', 'eth1', { metric: 2_048 }), byRouter];
      expect(lookUp('2001:db8:9::1', { routes6, addresses: [global], links })).toMatchObject({ ifIndex: 2 });
    });

    it('does not mind the route that rejects everything which the kernel has at the end of its table', () => {
      const last = { ...reject('::/0'), metric: 0xffff_ffff };
      expect(lookUp('2001:db8:9::1', { routes6: [last, byRouter], addresses: [global] })).toMatchObject({ ifIndex: 2 });
      expect(lookUp('2001:db8:9::1', { routes6: [last], addresses: [global] })).toMatchObject({ kind: 'refused' });
    });

    it('takes a source of the scope that is needed, and rather one that is going to stay', () => {
      const temporary = address(2, '2001:db8::abcd/64', { permanent: false });
      const routes6 = [byRouter, route('fe80::/64', 'eth0')];
      const addresses = [linkLocal, temporary, global];
      expect(lookUp('2001:db8:9::1', { routes6, addresses })).toMatchObject({ source: '2001:db8::10' });
      expect(lookUp('fe80::99', { routes6, addresses })).toMatchObject({ source: 'fe80::10' });
      expect(lookUp('2001:db8:9::1', { routes6, addresses: [linkLocal] })).toMatchObject({ source: 'fe80::10' });
    });

    it('takes no source that is not known to be unique yet', () => {
      const tentative = address(2, '2001:db8::20/64', { usable: false });
      expect(lookUp('2001:db8:9::1', { routes6: [byRouter], addresses: [tentative] })).toEqual({
        kind: 'route',
        ifIndex: 2,
        gateway: 'fe80::1',
      });
    });
  });
});

function lookUp(
  destination: string,
  facts: Partial<Omit<RoutingFacts, 'links'>> & { readonly links?: readonly LinkFacts[] } = {},
  traits: Parameters<typeof lookUpRoute>[2] = {},
) {
  const { links = [lo, eth0, eth1], ...others } = facts;
  return lookUpRoute(
    {
      links: new Map(links.map((each) => [each.index, each])),
      addresses: [here, there],
      routes4: [],
      routes6: [],
      passedOver: new Set(),
      ...others,
    },
    destination,
    traits,
  );
}

function route(prefix: string, device: string, more: Partial<ProcRoute> = {}): ProcRoute {
  const [text = '', length] = prefix.split('/');
  const bytes = parseIp(text)?.bytes;
  if (bytes === undefined) throw new Error(`${prefix} is no prefix`);
  return {
    prefix: bytes,
    prefixLength: Number(length),
    device,
    gateway: undefined,
    metric: 0,
    kind: 'unicast',
    ...more,
  };
}

function reject(prefix: string): ProcRoute {
  return { ...route(prefix, ''), device: undefined, kind: 'reject' };
}

function address(ifIndex: number, cidr: string, more: Partial<ProcAddress> = {}): ProcAddress {
  const [text = '', length] = cidr.split('/');
  return {
    ifIndex,
    family: text.includes(':') ? 6 : 4,
    address: text,
    prefixLength: Number(length),
    scope: undefined,
    linkLocal: false,
    permanent: true,
    usable: true,
    ...more,
  };
}
