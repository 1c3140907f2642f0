import type { NetworkInterfaceInfo } from 'node:os';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { KernelView, LinkChange } from '../../../src/monitor/kernel-view.js';
import { openPollingView } from '../../../src/monitor/polling-view.js';

const lo = [ipv4('127.0.0.1', { internal: true })];
const eth0 = [ipv4('192.0.2.10'), ipv6('2001:db8::10'), ipv6('fe80::1')];

let interfaces: Record<string, NetworkInterfaceInfo[]>;
let heard: (readonly LinkChange[])[];
let view: KernelView;

beforeEach(() => {
  vi.useFakeTimers();
  interfaces = { lo, eth0 };
  heard = [];
  view = openPollingView(1_000, { onChange: (links) => heard.push(links), onError: () => {} }, () => interfaces);
});

afterEach(() => {
  view.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe('the polling view', () => {
  it('lists the interfaces', () => {
    expect([...view.links().values()].map(({ name, loopback }) => ({ name, loopback }))).toEqual([
      { name: 'lo', loopback: true },
      { name: 'eth0', loopback: false },
    ]);
    expect(view.interfaces()[1]).toMatchObject({
      name: 'eth0',
      mac: '02:00:00:00:00:01',
      addresses: [{ family: 4, address: '192.0.2.10', prefixLength: 24 }, {}, {}],
    });
  });

  it('sees a way out where an interface has an address of the right family', () => {
    expect(view.lookup('198.51.100.1')).toMatchObject({ kind: 'route', source: '192.0.2.10' });
    expect(view.lookup('2001:db8:1::1')).toMatchObject({ kind: 'route', source: '2001:db8::10' });
    expect(view.lookup('127.0.0.1')).toMatchObject({ kind: 'route', source: '127.0.0.1' });
    expect(view.lookup('192.0.2.10')).toMatchObject({ kind: 'route', source: '127.0.0.1' });
  });

  it('sees none over link-local addresses alone', () => {
    interfaces = { lo, eth0: [ipv6('fe80::1')] };
    vi.advanceTimersByTime(1_000);
    expect(view.lookup('2001:db8:1::1')).toEqual({ kind: 'refused', code: 'ENETUNREACH' });
    expect(view.lookup('198.51.100.1')).toEqual({ kind: 'refused', code: 'ENETUNREACH' });
  });

  it('tells of an interface that goes and comes, and keeps its number', () => {
    const index = [...view.links().values()].find(({ name }) => name === 'eth0')?.index;
    interfaces = { lo };
    vi.advanceTimersByTime(1_000);
    interfaces = { lo, eth0 };
    vi.advanceTimersByTime(1_000);
    expect(heard.flat()).toMatchObject([
      { change: 'removed', interface: 'eth0', index, up: false },
      { change: 'added', interface: 'eth0', index, up: true },
    ]);
  });

  it('tells of an address that changes, and says nothing while nothing does', () => {
    vi.advanceTimersByTime(10_000);
    expect(heard).toEqual([]);
    interfaces = { lo, eth0: [ipv4('192.0.2.11')] };
    vi.advanceTimersByTime(1_000);
    expect(heard).toEqual([[]]);
  });
});

function ipv4(address: string, facts: { internal?: boolean } = {}): NetworkInterfaceInfo {
  return {
    address,
    family: 'IPv4',
    netmask: '255.255.255.0',
    mac: '02:00:00:00:00:01',
    internal: facts.internal ?? false,
    cidr: `${address}/24`,
  };
}

function ipv6(address: string): NetworkInterfaceInfo {
  return {
    address,
    family: 'IPv6',
    netmask: 'ffff:ffff:ffff:ffff::',
    mac: '02:00:00:00:00:01',
    internal: false,
    cidr: `${address}/64`,
    scopeid: 0,
  };
}
