import { beforeEach, describe, expect, it } from 'vitest';
import { CarrierCounts } from '../../../src/monitor/carrier-counts.js';
import { FakeFiles } from './fake-files.js';

const eth0 = { index: 3, name: 'eth0', mac: '02:00:00:00:00:01', carrierChanges: 4 };

let files: FakeFiles;
let counts: CarrierCounts;

beforeEach(() => {
  files = new FakeFiles();
  files.setLink('eth0', { carrier_changes: '4' });
  counts = new CarrierCounts(files);
});

describe('the carrier of a link', () => {
  it('is unchanged as long as the count is', () => {
    expect(counts.isUnchanged(eth0)).toBe(true);
    expect(counts.isUnchanged(eth0)).toBe(true);
  });

  it('may have changed where the count has, whichever way', () => {
    files.setLink('eth0', { carrier_changes: '5' });
    expect(counts.isUnchanged(eth0)).toBe(false);
    expect(counts.isUnchanged({ ...eth0, carrierChanges: 5 })).toBe(true);
  });

  it('is never read itself, for that is what would have to wait', () => {
    counts.isUnchanged(eth0);
    counts.isUnchanged({ ...eth0, carrierChanges: 5 });
    expect(files.read).not.toContain('/sys/class/net/eth0/carrier');
  });

  it.each([
    ['the kernel does not count', { ...eth0, carrierChanges: undefined }],
    ['the link has another name meanwhile', { ...eth0, name: 'uplink' }],
    ['/sys shows a link of the same name with another number', { ...eth0, index: 4 }],
    ['/sys shows a link of the same name with another hardware address', { ...eth0, mac: '02:00:00:00:00:02' }],
    ['the link has no hardware address to know it by', { ...eth0, mac: undefined }],
  ])('may have changed where %s', (_why, link) => {
    expect(counts.isUnchanged(link)).toBe(false);
  });

  it('may have changed where the count cannot be read at this moment', () => {
    expect(counts.isUnchanged(eth0)).toBe(true);
    files.broken.set('/sys/class/net/eth0/carrier_changes', new Error('EMFILE'));
    expect(counts.isUnchanged(eth0)).toBe(false);
    files.broken.clear();
    expect(counts.isUnchanged(eth0)).toBe(true);
  });

  it('is that of another link, which has to be recognized, once the link is gone', () => {
    expect(counts.isUnchanged(eth0)).toBe(true);
    counts.forget(3);
    files.setLink('eth0', { address: '02:00:00:00:00:99' });
    expect(counts.isUnchanged(eth0)).toBe(false);
  });
});

describe('the file with the count', () => {
  it('stays open while the link is known by that name', () => {
    counts.isUnchanged(eth0);
    counts.isUnchanged(eth0);
    expect(files.read.filter((path) => path.endsWith('/ifindex'))).toHaveLength(1);
    expect([...files.opened]).toEqual(['/sys/class/net/eth0/carrier_changes']);
  });

  it.each([
    ['the link is gone', () => counts.forget(3)],
    ['nothing is to be asked any more', () => counts.close()],
    ['the link has another name', () => counts.isUnchanged({ ...eth0, name: 'uplink' })],
  ])('is closed when %s', (_when, end) => {
    counts.isUnchanged(eth0);
    end();
    expect([...files.opened]).toEqual([]);
  });

  it('is not looked for again and again where /sys shows another namespace', () => {
    files.removeLink('eth0');
    counts.isUnchanged(eth0);
    const looked = files.read.length;
    expect(counts.isUnchanged(eth0)).toBe(false);
    expect(files.read).toHaveLength(looked);
  });

  it('is looked for again under another name, or with another hardware address', () => {
    files.setLink('eth0', { address: '02:00:00:00:00:02' });
    expect(counts.isUnchanged(eth0)).toBe(false);
    expect(counts.isUnchanged({ ...eth0, mac: '02:00:00:00:00:02' })).toBe(true);
    files.addLink('uplink', { carrier_changes: '4', address: '02:00:00:00:00:02', ifindex: '3' });
    expect(counts.isUnchanged({ ...eth0, name: 'uplink', mac: '02:00:00:00:00:02' })).toBe(true);
  });

  it('is closed when it has nothing to tell any more', () => {
    counts.isUnchanged(eth0);
    files.removeLink('eth0');
    expect(counts.isUnchanged(eth0)).toBe(false);
    expect([...files.opened]).toEqual([]);
  });
});
