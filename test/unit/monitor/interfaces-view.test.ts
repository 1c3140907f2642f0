import type { NetworkInterfaceInfo } from 'node:os';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openInterfacesView } from '../../../src/monitor/interfaces-view.js';
import type { KernelView, LinkChange } from '../../../src/monitor/kernel-view.js';

const lo = [ipv4('127.0.0.1', { internal: true })];
const eth0 = [ipv4('192.0.2.10'), ipv6('2001:db8::10'), ipv6('fe80::1')];

let interfaces: Record<string, NetworkInterfaceInfo[]> | Error;
let heard: (readonly LinkChange[])[];
let errors: Error[];
let view: KernelView;

beforeEach(() => {
  vi.useFakeTimers();
  open({ lo, eth0 });
});

afterEach(() => {
  view.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe('the view of interfaces alone', () => {
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
    change({ lo, eth0: [ipv6('fe80::1')] });
    expect(view.lookup('2001:db8:1::1')).toEqual({ kind: 'refused', code: 'ENETUNREACH' });
    expect(view.lookup('198.51.100.1')).toEqual({ kind: 'refused', code: 'ENETUNREACH' });
  });

  it('claims nothing where the loopback interface has an address that packets may leave with over other links', () => {
    change({ lo: [...lo, ipv4('203.0.113.1', { internal: true })], eth0: [ipv6('fe80::1')] });
    expect(view.lookup('198.51.100.1')).toEqual({ kind: 'unanswered' });
    expect(view.lookup('2001:db8:1::1')).toEqual({ kind: 'refused', code: 'ENETUNREACH' });
  });

  it('tells of an interface that goes and comes, and keeps its number', () => {
    const index = [...view.links().values()].find(({ name }) => name === 'eth0')?.index;
    change({ lo });
    change({ lo, eth0 });
    expect(heard.flat()).toMatchObject([
      { change: 'removed', interface: 'eth0', index, up: false },
      { change: 'added', interface: 'eth0', index, up: true },
    ]);
  });

  it('does not remember without end the names that containers leave behind', () => {
    for (let count = 0; count < 2_000; count += 1) change({ lo, eth0, [`veth${count}`]: [ipv4('198.51.100.1')] });
    change({ lo, eth0, veth0: [ipv4('198.51.100.1')] });
    const numbers = [...view.links().keys()];
    expect(numbers.slice(0, 2)).toEqual([1, 2]);
    expect(numbers[2]).toBeGreaterThan(1_000);
  });

  it('tells of an address that changes, and says nothing while nothing does', () => {
    vi.advanceTimersByTime(10_000);
    expect(heard).toEqual([]);
    change({ lo, eth0: [ipv4('192.0.2.11')] });
    expect(heard).toEqual([[]]);
  });

  it('looks at once when it is asked for a link, so that failing work finds an outage', () => {
    interfaces = { lo };
    view.refreshLink(2);
    expect(heard.flat()).toMatchObject([{ change: 'removed', interface: 'eth0' }]);
    expect(view.lookup('198.51.100.1')).toEqual({ kind: 'refused', code: 'ENETUNREACH' });
  });

  it('changes nothing when the list cannot be read at one moment, and says so once', () => {
    change(new Error('EMFILE'));
    vi.advanceTimersByTime(5_000);
    expect(heard).toEqual([]);
    expect(errors.map(({ message }) => message)).toEqual(['EMFILE']);
    expect(view.lookup('198.51.100.1')).toMatchObject({ kind: 'route', source: '192.0.2.10' });
    change({ lo });
    expect(heard.flat()).toMatchObject([{ change: 'removed', interface: 'eth0' }]);
  });

  it('claims nothing as long as the list has never been read', () => {
    view.close();
    expect(open(new Error('EAFNOSUPPORT'))).toMatchObject({ message: 'EAFNOSUPPORT' });
    expect(view.lookup('198.51.100.1')).toEqual({ kind: 'unanswered' });
    expect(view.links().size).toBe(0);
    change({ lo, eth0 });
    expect(view.lookup('198.51.100.1')).toMatchObject({ kind: 'route', source: '192.0.2.10' });
  });
});

function open(first: typeof interfaces): unknown {
  interfaces = first;
  heard = [];
  errors = [];
  const handlers = {
    onChange: (links: readonly LinkChange[]) => heard.push(links),
    onError: (error: Error) => errors.push(error),
  };
  const opened = openInterfacesView(1_000, handlers, () => {
    if (interfaces instanceof Error) throw interfaces;
    return interfaces;
  });
  view = opened.view;
  return opened.failure;
}

/** What is found at the next look. */
function change(next: typeof interfaces): void {
  interfaces = next;
  vi.advanceTimersByTime(1_000);
}

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
