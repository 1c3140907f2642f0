import { expect, it } from 'vitest';
import { linkStack } from '../../../src/monitor/link-stack.js';
import { link } from './fake-host.js';

const links = new Map(
  [
    link({ index: 2, name: 'eth0' }),
    link({ index: 3, name: 'eth1', master: 5 }),
    link({ index: 4, name: 'eth2', master: 5 }),
    link({ index: 5, name: 'br0', kind: 'bridge' }),
    link({ index: 6, name: 'macvlan0', kind: 'macvlan', lower: 5 }),
    link({ index: 7, name: 'gone0', kind: 'macvlan', lower: 99 }),
    link({ index: 8, name: 'a', kind: 'veth', lower: 9 }),
    link({ index: 9, name: 'b', kind: 'veth', lower: 8 }),
  ].map((each) => [each.index, each]),
);

it('is the link alone where nothing lies under it', () => {
  expect(linkStack(links, 2)).toEqual([2]);
  expect(linkStack(links, 7)).toEqual([7]);
  expect(linkStack(links, 42)).toEqual([42]);
});

it('begins with the ports of a bridge, and ends with what lies on it', () => {
  expect(linkStack(links, 5)).toEqual([4, 3, 5]);
  expect(linkStack(links, 6)).toEqual([4, 3, 5, 6]);
});

it('ends where links name each other, as the two ends of a veth pair do', () => {
  expect(linkStack(links, 8)).toEqual([9, 8]);
});
