import { beforeEach, describe, expect, it } from 'vitest';
import type { DeviceCounters } from '../../../src/monitor/proc-net.js';
import { isBetween, readLink, readLinks, showsThisNamespace } from '../../../src/monitor/sysfs-links.js';
import { FakeFiles } from './fake-files.js';

let files: FakeFiles;

beforeEach(() => {
  files = new FakeFiles();
});

describe('a link by /sys', () => {
  it('is set up and has its carrier', () => {
    expect(readLink(files, 'eth0')).toEqual({
      index: 3,
      name: 'eth0',
      loopback: false,
      adminUp: true,
      carrier: true,
      operState: 'up',
      carrierDownCount: 1,
    });
  });

  it('has no carrier, and for a link that is set down the kernel refuses even to say so', () => {
    files.pullCable();
    expect(readLink(files, 'eth0')).toMatchObject({ adminUp: true, carrier: false, operState: 'down' });
    files.setLink('eth0', { flags: '0x1002', carrier: undefined });
    expect(readLink(files, 'eth0')).toMatchObject({ adminUp: false, carrier: false });
  });

  it.each(['dormant', 'testing', 'lowerlayerdown', 'notpresent', 'unknown'])('is %s', (operstate) => {
    files.setLink('eth0', { operstate });
    expect(readLink(files, 'eth0')).toMatchObject({ operState: operstate });
  });

  it('is a bridge, or the port of one', () => {
    files.addLink('br0', { ifindex: '9', flags: '0x1003', uevent: 'DEVTYPE=bridge\nINTERFACE=br0\nIFINDEX=9' });
    files.setLink('eth0', { 'master/ifindex': '9' });
    expect(readLink(files, 'br0')).toMatchObject({ kind: 'bridge' });
    expect(readLink(files, 'eth0')).toMatchObject({ master: 9 });
  });

  it('is none where something else lies beside the links, or it went meanwhile', () => {
    files.texts.set('/sys/class/net/bonding_masters', 'bond0\n');
    files.setLink('lo', { ifindex: undefined });
    expect([...readLinks(files).keys()]).toEqual([3]);
  });
});

describe('/sys', () => {
  it('shows this namespace where /proc has the same links with the same counters', () => {
    expect(showsThisNamespace(files)).toBe(true);
  });

  it('shows another one where /proc has other links', () => {
    files.devices = new Map([['lo', 1_000]]);
    expect(showsThisNamespace(files)).toBe(false);
    files.devices = new Map([
      ['lo', 1_000],
      ['eth0', 1_000],
      ['eth1', 1_000],
    ]);
    expect(showsThisNamespace(files)).toBe(false);
  });

  it('shows another one where the links of the same names have other counters', () => {
    files.devices = new Map([
      ['lo', 1_000],
      ['eth0', 999],
    ]);
    expect(showsThisNamespace(files)).toBe(false);
  });

  it('shows another one where links of the same names have other numbers', () => {
    files.setLink('eth0', { ifindex: '4' });
    expect(showsThisNamespace(files)).toBe(false);
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
