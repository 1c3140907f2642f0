import type { NetworkInterfaceInfo } from 'node:os';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { KernelView, LinkChange } from '../../../src/monitor/kernel-view.js';
import { openProcView } from '../../../src/monitor/proc-view.js';
import { FakeFiles, FIB_TRIESTAT_WITH_TABLE_100, ROUTE6 } from './fake-files.js';

const ABROAD = '198.51.100.1';
const ABROAD6 = '2001:db8:1::1';
const ETH0 = 3;

let files: FakeFiles;
let listed: () => NodeJS.Dict<NetworkInterfaceInfo[]>;
let heard: (readonly LinkChange[])[];
let errors: Error[];
let view: KernelView;

beforeEach(() => {
  vi.useFakeTimers();
  files = new FakeFiles();
  listed = () => ({ eth0: [ipv4('192.0.2.10', '192.0.2.10/24')] });
  heard = [];
  errors = [];
});

afterEach(() => {
  view.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe('the view by /proc and /sys', () => {
  it('knows links, addresses and routes', () => {
    open();
    expect(view.source).toBe('proc');
    expect(view.links().get(ETH0)).toEqual({
      index: ETH0,
      name: 'eth0',
      loopback: false,
      adminUp: true,
      carrier: true,
      operState: 'up',
      carrierDownCount: 1,
    });
    expect([...view.addresses()].map(({ address, ifIndex }) => `${address} on ${ifIndex}`)).toEqual([
      '127.0.0.1 on 1',
      '192.0.2.10 on 3',
      'fe80::ff:fe00:1 on 3',
      '::1 on 1',
      '2001:db8::10 on 3',
    ]);
    expect(view.lookup(ABROAD)).toEqual({
      kind: 'route',
      ifIndex: ETH0,
      gateway: '192.0.2.1',
      source: '192.0.2.10',
    });
    expect(view.lookup(ABROAD6)).toMatchObject({ gateway: '2001:db8::1', source: '2001:db8::10' });
  });

  it('tells at the next look of a carrier that is lost and found', () => {
    open();
    files.pullCable();
    vi.advanceTimersByTime(1_000);
    files.plugIn();
    vi.advanceTimersByTime(1_000);
    expect(heard.flat()).toMatchObject([
      { change: 'changed', interface: 'eth0', index: ETH0, up: false, carrier: false, flapped: false },
      { change: 'changed', interface: 'eth0', index: ETH0, up: true, carrier: true, flapped: false },
    ]);
  });

  it('tells of a carrier that was lost and found between two looks', () => {
    open();
    files.pullCable();
    files.plugIn();
    view.refreshLink(ETH0);
    expect(heard.flat()).toMatchObject([{ interface: 'eth0', flapped: true }]);
  });

  it('tells of a route that goes and comes, and answers accordingly', () => {
    open();
    files.loseDefaultRoute();
    vi.advanceTimersByTime(1_000);
    expect(view.lookup(ABROAD)).toEqual({ kind: 'refused', code: 'ENETUNREACH' });
    files.findDefaultRoute();
    vi.advanceTimersByTime(1_000);
    expect(view.lookup(ABROAD)).toMatchObject({ kind: 'route', gateway: '192.0.2.1' });
    expect(heard).toEqual([[], []]);
  });

  it('sees the routes anew when it is asked for one link, so that failing work finds an outage at once', () => {
    open();
    files.loseDefaultRoute();
    view.refreshLink(ETH0);
    expect(heard).toEqual([[]]);
    expect(view.lookup(ABROAD)).toEqual({ kind: 'refused', code: 'ENETUNREACH' });
  });

  it('looks at nothing but this link and the routes when it is asked for one link', () => {
    open();
    files.read.length = 0;
    view.refreshLink(ETH0);
    expect(files.read).toContain('/sys/class/net/eth0/carrier_down_count');
    expect(files.read.filter((path) => path.includes('/lo/') || path.endsWith('fib_trie'))).toEqual([]);
  });

  it('says nothing while nothing changes, not even when a route is used', () => {
    open();
    const used = ROUTE6.replaceAll('00000100 00000002 00000000', '00000100 00000007 000004d2');
    expect(used).not.toBe(ROUTE6);
    files.texts.set('/proc/net/ipv6_route', used);
    vi.advanceTimersByTime(10_000);
    view.refresh();
    expect(heard).toEqual([]);
  });

  it('tells of links that come, go, and are made again under another number', () => {
    open();
    files.addLink('eth1', { ifindex: '4', flags: '0x1003', carrier: '1', operstate: 'up' });
    vi.advanceTimersByTime(1_000);
    files.setLink('eth1', { ifindex: '5' });
    view.refreshLink(4);
    files.removeLink('eth1');
    vi.advanceTimersByTime(1_000);
    expect(heard.flat().map(({ change, index }) => `${change} ${index}`)).toEqual([
      'added 4',
      'removed 4',
      'added 5',
      'removed 5',
    ]);
  });

  describe('where something cannot be read', () => {
    it.each([
      '/sys/class/net',
      '/sys/class/net/eth0/flags',
      '/proc/net/route',
      '/proc/net/ipv6_route',
      '/proc/net/if_inet6',
    ])('at one moment, it changes nothing and says so once: %s', (path) => {
      open();
      files.pullCable();
      files.broken.set(path, new Error('EMFILE'));
      vi.advanceTimersByTime(5_000);
      view.refreshLink(ETH0);
      expect(heard.flat().filter(({ change }) => change === 'removed')).toEqual([]);
      expect(view.lookup(ABROAD)).toMatchObject({ kind: 'route' });
      expect(errors.map(({ message }) => message)).toEqual(['EMFILE']);
      files.broken.clear();
      vi.advanceTimersByTime(1_000);
      expect(heard.flat()).toMatchObject([{ interface: 'eth0', carrier: false }]);
    });

    it.each([
      ['/proc/net/dev', 'there is no /proc/net/dev'],
      ['/sys/class/net', 'there is no /sys/class/net'],
    ])('from the beginning, there is no such view: %s', (path, reason) => {
      open();
      const missing = new FakeFiles();
      missing.text = (asked) => (asked.startsWith(path) ? undefined : files.text(asked));
      missing.names = (asked) => (asked.startsWith(path) ? undefined : files.names(asked));
      expect(() => openProcView(1_000, { onChange: () => {}, onError: () => {} }, missing, listed)).toThrow(reason);
    });

    it('it claims nothing of routes that are too many to be read again and again', () => {
      files.texts.set('/proc/net/route', (files.texts.get('/proc/net/route') ?? '').padEnd(300 * 1024, '\n'));
      open();
      expect(view.lookup(ABROAD)).toEqual({ kind: 'unanswered' });
      expect(view.lookup(ABROAD6)).toMatchObject({ kind: 'unanswered' });
      expect(view.lookup('127.0.0.1')).toEqual({ kind: 'route', ifIndex: 1, source: '127.0.0.1' });
    });

    it('it claims nothing where rules may send packets by tables that are not shown', () => {
      files.texts.set('/proc/net/fib_triestat', FIB_TRIESTAT_WITH_TABLE_100);
      open();
      expect(view.lookup(ABROAD)).toEqual({ kind: 'unanswered' });
      expect(view.lookup(ABROAD6)).toEqual({ kind: 'unanswered' });
    });

    it('it knows that there is no IPv6 where IPv6 is switched off', () => {
      files.texts.delete('/proc/net/if_inet6');
      files.texts.delete('/proc/net/ipv6_route');
      open();
      expect(view.lookup(ABROAD6)).toEqual({ kind: 'refused', code: 'ENETUNREACH' });
      expect(view.lookup(ABROAD)).toMatchObject({ kind: 'route' });
    });
  });

  describe('of the IPv4 addresses', () => {
    it('knows those of a link without carrier, which are not listed', () => {
      open();
      files.pullCable();
      listed = () => ({});
      files.findDefaultRoute();
      vi.advanceTimersByTime(1_000);
      expect([...view.addresses()]).toContainEqual(expect.objectContaining({ address: '192.0.2.10', ifIndex: ETH0 }));
      expect(view.lookup('192.0.2.10')).toMatchObject({ kind: 'route', ifIndex: 1 });
    });

    it('finds the link of each by its route where listing them is forbidden', () => {
      listed = () => {
        throw new Error('EAFNOSUPPORT');
      };
      open();
      expect([...view.addresses()]).toContainEqual(
        expect.objectContaining({ address: '192.0.2.10', ifIndex: ETH0, prefixLength: 24 }),
      );
      expect(view.lookup(ABROAD)).toMatchObject({ kind: 'route', source: '192.0.2.10' });
    });

    it('takes them from the list where the table that shows them is too large', () => {
      files.texts.delete('/proc/net/fib_trie');
      open();
      expect(view.lookup(ABROAD)).toMatchObject({ kind: 'route', source: '192.0.2.10' });
    });
  });

  it('shows interfaces as netlink would', () => {
    open();
    expect(view.interfaces().find(({ name }) => name === 'eth0')).toEqual({
      name: 'eth0',
      index: ETH0,
      mac: '02:00:00:00:00:01',
      mtu: 1_500,
      flags: ['BROADCAST', 'MULTICAST', 'UP', 'RUNNING', 'LOWER_UP'],
      operState: 'up',
      carrier: true,
      statistics: {
        rxBytes: 1_000,
        txBytes: 1_000,
        rxPackets: 10,
        txPackets: 10,
        rxErrors: 0,
        txErrors: 0,
        rxDropped: 3,
        txDropped: 0,
      },
      addresses: [
        { family: 4, address: '192.0.2.10', prefixLength: 24 },
        { family: 6, address: 'fe80::ff:fe00:1', prefixLength: 64, scope: 'link' },
        { family: 6, address: '2001:db8::10', prefixLength: 64, scope: 'global' },
      ],
    });
  });

  it.each([
    ['of all links', { all: '1', eth0: '0' }, { kind: 'refused', code: 'ENETUNREACH' }],
    ['of this link', { all: '0', eth0: '1' }, { kind: 'refused', code: 'ENETUNREACH' }],
    [
      'of no link',
      { all: '0', eth0: '0' },
      { kind: 'route', ifIndex: ETH0, gateway: '192.0.2.1', source: '192.0.2.10' },
    ],
  ])('passes over IPv4 routes of a link without carrier where the sysctl %s says so', (_which, sysctl, expected) => {
    for (const [name, value] of Object.entries(sysctl)) {
      files.texts.set(`/proc/sys/net/ipv4/conf/${name}/ignore_routes_with_linkdown`, `${value}\n`);
    }
    open();
    files.pullCable();
    vi.advanceTimersByTime(1_000);
    expect(view.lookup(ABROAD)).toEqual(expected);
  });
});

function open(): void {
  const handlers = {
    onChange: (links: readonly LinkChange[]) => heard.push(links),
    onError: (error: Error) => errors.push(error),
  };
  view = openProcView(1_000, handlers, files, () => listed());
}

function ipv4(address: string, cidr: string): NetworkInterfaceInfo {
  return { address, cidr, family: 'IPv4', netmask: '255.255.255.0', mac: '02:00:00:00:00:01', internal: false };
}
