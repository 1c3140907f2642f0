import type { NetworkInterfaceInfo } from 'node:os';
import { beforeEach, describe, expect, it } from 'vitest';
import type { DeviceCounters } from '../../../src/monitor/proc-net.js';
import { isBetween, showsThisNamespace } from '../../../src/monitor/same-namespace.js';
import { FakeFiles } from './fake-files.js';

const eth0Listed: NetworkInterfaceInfo = {
  family: 'IPv4',
  address: '192.0.2.10',
  cidr: '192.0.2.10/24',
  netmask: '255.255.255.0',
  mac: '02:00:00:00:00:01',
  internal: false,
};
const list = () => ({ eth0: [eth0Listed] });

let files: FakeFiles;

beforeEach(() => {
  files = new FakeFiles();
});

describe('/sys', () => {
  it('shows this namespace where /proc has the same links with the same counters', () => {
    expect(showsThisNamespace(files, list)).toBe(true);
  });

  it('shows another one where /proc has other links', () => {
    files.devices = new Map([['lo', 1_000]]);
    expect(showsThisNamespace(files, list)).toBe(false);
    files.devices = new Map([
      ['lo', 1_000],
      ['eth0', 1_000],
      ['eth1', 1_000],
    ]);
    expect(showsThisNamespace(files, list)).toBe(false);
  });

  it('shows another one where the links of the same names have other counters', () => {
    files.devices = new Map([
      ['lo', 1_000],
      ['eth0', 999],
    ]);
    expect(showsThisNamespace(files, list)).toBe(false);
  });

  it('shows another one where links that are alike in all that have other hardware addresses', () => {
    files.setLink('eth0', { address: '02:00:00:00:00:99' });
    expect(showsThisNamespace(files, list)).toBe(false);
  });

  it('shows another one by the addresses that are made of those, where interfaces cannot be listed', () => {
    const refuse = () => {
      throw new Error('EAFNOSUPPORT');
    };
    expect(showsThisNamespace(files, refuse)).toBe(true);
    files.setLink('eth0', { address: '02:00:00:00:00:99' });
    expect(showsThisNamespace(files, refuse)).toBe(false);
  });

  it('may show longer hardware addresses than Node tells, or none', () => {
    files.setLink('eth0', { address: '80:00:02:08:fe:80:00:00:00:00:00:00:00:02:c9:03:00:00:00:01' });
    expect(showsThisNamespace(files, list)).toBe(true);
    files.setLink('eth0', { address: '' });
    expect(showsThisNamespace(files, list)).toBe(true);
  });

  it('shows another one where links of the same names have other numbers', () => {
    files.setLink('eth0', { ifindex: '4' });
    expect(showsThisNamespace(files, list)).toBe(false);
  });
});

describe('the comparison of /sys with what /proc shows before and after', () => {
  type Shown = [name: string, counters: DeviceCounters];
  const eth0 = (count: number): Shown => ['eth0', { rxBytes: count, rxPackets: 1, txBytes: count, txPackets: 1 }];
  const veth0: Shown = ['veth0', { rxBytes: 0, rxPackets: 0, txBytes: 0, txPackets: 0 }];

  it('does not mind packets that arrive in between', () => {
    expect(isBetween(new Map([eth0(1)]), new Map([eth0(2)]), new Map([eth0(3)]))).toBe(true);
    expect(isBetween(new Map([eth0(2)]), new Map([eth0(1)]), new Map([eth0(3)]))).toBe(false);
    expect(isBetween(new Map([eth0(1)]), new Map([eth0(4)]), new Map([eth0(3)]))).toBe(false);
  });

  it.each([
    ['comes before /sys is read', [eth0(1)], [eth0(1), veth0], [eth0(1), veth0]],
    ['comes after /sys is read', [eth0(1)], [eth0(1)], [eth0(1), veth0]],
    ['goes before /sys is read', [eth0(1), veth0], [eth0(1)], [eth0(1)]],
    ['goes after /sys is read', [eth0(1), veth0], [eth0(1), veth0], [eth0(1)]],
  ])('does not mind an interface that %s', (_when, before, shown, after) => {
    expect(isBetween(new Map(before), new Map(shown), new Map(after))).toBe(true);
  });

  it('minds an interface that /sys has or lacks throughout', () => {
    expect(isBetween(new Map([eth0(1)]), new Map([eth0(1), veth0]), new Map([eth0(1)]))).toBe(false);
    expect(isBetween(new Map([eth0(1), veth0]), new Map([eth0(1)]), new Map([eth0(1), veth0]))).toBe(false);
  });
});
