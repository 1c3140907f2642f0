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
