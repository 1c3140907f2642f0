import { beforeEach, describe, expect, it } from 'vitest';
import { readLink, readLinks } from '../../../src/monitor/sysfs-links.js';
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

  it('keeps its carrier, unread, while no loss is counted: to read it would be to wait', () => {
    const before = readLinks(files);
    files.read.length = 0;
    expect(readLink(files, 'eth0', before)).toMatchObject({ carrier: true });
    expect(files.read).not.toContain('/sys/class/net/eth0/carrier');
  });

  it.each([
    ['a loss is counted', { carrier_down_count: '2' }],
    ['losses are not counted', { carrier_down_count: undefined }],
    ['it was set down', { flags: '0x1002' }],
    ['another one has its number', { ifindex: '1' }],
  ])('has its carrier read anew where %s', (_why, change) => {
    const before = readLinks(files);
    files.setLink('eth0', { ...change, carrier: '0' });
    expect(readLink(files, 'eth0', before)).toMatchObject({ carrier: false });
  });

  it('has its carrier read anew while it has none: that it comes is not counted', () => {
    files.pullCable();
    const before = readLinks(files);
    files.plugIn();
    expect(readLink(files, 'eth0', before)).toMatchObject({ carrier: true });
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

  it('lies on another one, of which it is a macvlan or the like', () => {
    files.addLink('mv0', { ifindex: '9', flags: '0x1003', iflink: '3', 'lower_eth0/ifindex': '3' });
    expect(readLink(files, 'mv0')).toMatchObject({ index: 9, lower: 3 });
  });

  it('lies on nothing where it names itself, whatever ports it has', () => {
    files.addLink('br0', { ifindex: '9', flags: '0x1003', iflink: '9', 'lower_eth0/ifindex': '3' });
    expect(readLink(files, 'br0')).not.toHaveProperty('lower');
  });

  it('lies on nothing where it names the other end of its pair', () => {
    files.addLink('veth0', { ifindex: '9', flags: '0x1003', iflink: '3' });
    expect(readLink(files, 'veth0')).not.toHaveProperty('lower');
  });

  it('lies on nothing of this namespace where it names a link of another one, though one here has the same number', () => {
    files.addLink('mv0', { ifindex: '9', flags: '0x1003', iflink: '3', 'lower_other0/ifindex': '4' });
    expect(readLink(files, 'mv0')).not.toHaveProperty('lower');
  });

  it('is none where something else lies beside the links, or it went meanwhile', () => {
    files.texts.set('/sys/class/net/bonding_masters', 'bond0\n');
    files.setLink('lo', { ifindex: undefined });
    expect([...readLinks(files).keys()]).toEqual([3]);
  });
});
