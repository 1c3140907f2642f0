import { describe, expect, it } from 'vitest';
import { InterfaceTable, type NetlinkMessage } from '../../../src/netlink/index.js';

type LinkMessage = Extract<NetlinkMessage, { kind: 'link' }>;
type Link = LinkMessage['link'];
type Address = Extract<NetlinkMessage, { kind: 'address' }>['address'];

const header: LinkMessage['header'] = {
  sequence: 0,
  portId: 0,
  flags: { multi: false, dumpInterrupted: false, dumpFiltered: false },
};

function link(facts: Partial<Link> & { index: number }): Link {
  return {
    family: 0,
    name: `eth${facts.index}`,
    altNames: [],
    kind: undefined,
    type: 1,
    mac: '02:00:00:00:00:01',
    mtu: 1500,
    flags: 0x1_1043,
    up: true,
    running: true,
    lowerUp: true,
    dormant: false,
    loopback: false,
    broadcast: true,
    pointToPoint: false,
    multicast: true,
    noArp: false,
    promiscuous: false,
    operState: 'up',
    carrier: true,
    carrierChanges: 1,
    carrierUpCount: 1,
    carrierDownCount: 0,
    linkIndex: undefined,
    linkNetnsId: undefined,
    masterIndex: undefined,
    statistics: undefined,
    ...facts,
  };
}

function address(text: string, facts: Partial<Address> = {}): Address {
  return {
    family: 4,
    ifIndex: 2,
    address: text,
    peer: undefined,
    broadcast: undefined,
    label: undefined,
    prefixLength: 24,
    scope: 'global',
    flags: 0x80,
    secondary: false,
    temporary: false,
    tentative: false,
    optimistic: false,
    dadFailed: false,
    deprecated: false,
    permanent: true,
    validLifetime: Number.POSITIVE_INFINITY,
    preferredLifetime: Number.POSITIVE_INFINITY,
    ...facts,
  };
}

const linkMessage = (change: 'new' | 'deleted', of: Link): NetlinkMessage => ({
  kind: 'link',
  change,
  header,
  link: of,
});
const addressMessage = (change: 'new' | 'deleted', of: Address): NetlinkMessage => ({
  kind: 'address',
  change,
  header,
  address: of,
});
const told = (changes: readonly { kind: string; change: string }[]) =>
  changes.map(({ kind, change }) => `${kind} ${change}`);

describe('InterfaceTable', () => {
  it('tells additions, changes and removals, and nothing twice', () => {
    const table = new InterfaceTable();
    const eth2 = link({ index: 2 });
    expect(told(table.apply(linkMessage('new', eth2)))).toEqual(['link added']);
    expect(table.apply(linkMessage('new', { ...eth2 }))).toEqual([]);
    const down = { ...eth2, flags: 0x1003, lowerUp: false, carrierChanges: 2 };
    expect(told(table.apply(linkMessage('new', down)))).toEqual(['link changed']);
    expect(told(table.apply(linkMessage('deleted', down)))).toEqual(['link removed']);
    expect(table.apply(linkMessage('deleted', down))).toEqual([]);
  });

  it('does not take a port that leaves its bridge for a link that is gone', () => {
    const table = new InterfaceTable();
    table.apply(linkMessage('new', link({ index: 2 })));
    expect(table.apply(linkMessage('deleted', link({ index: 2, family: 7 })))).toEqual([]);
    expect(table.links.has(2)).toBe(true);
  });

  it('does not let a wireless event, which holds little more than a name, wipe what is known of a link', () => {
    const table = new InterfaceTable();
    table.apply(linkMessage('new', link({ index: 2 })));
    expect(table.apply(linkMessage('new', link({ index: 2, operState: undefined, mtu: undefined })))).toEqual([]);
    expect(table.links.get(2)?.mtu).toBe(1500);
  });

  it('notices a flap between two readings by the carrier count', () => {
    const table = new InterfaceTable();
    table.apply(linkMessage('new', link({ index: 2 })));
    expect(told(table.refreshLink(2, link({ index: 2, carrierChanges: 3 })))).toEqual(['link changed']);
    expect(told(table.refreshLink(2, undefined))).toEqual(['link removed']);
  });

  it.each([
    ['small counts', 3],
    ['counts that have gone round', 1],
  ])('does not take an old message, which was read late, for a second loss of the carrier, %s', (_, known) => {
    const table = new InterfaceTable();
    const counted = (carrierChanges: number, lowerUp: boolean) =>
      link({ index: 2, carrierChanges, lowerUp, flags: +lowerUp });
    const earlier = (count: number) => (known - count) >>> 0;
    table.apply(linkMessage('new', counted(earlier(2), true)));
    table.refreshLink(2, counted(known, true));
    expect(table.apply(linkMessage('new', counted(earlier(1), false)))).toEqual([]);
    expect(table.apply(linkMessage('new', counted(known, true)))).toEqual([]);
    expect(told(table.apply(linkMessage('new', counted(known + 1, false))))).toEqual(['link changed']);
  });

  it('tells an address that stops being tentative', () => {
    const table = new InterfaceTable();
    const tentative = address('2001:db8::1', { family: 6, flags: 0x40, tentative: true });
    expect(told(table.apply(addressMessage('new', tentative)))).toEqual(['address added']);
    expect(told(table.apply(addressMessage('new', { ...tentative, flags: 0x80, tentative: false })))).toEqual([
      'address changed',
    ]);
    expect([...table.addresses()]).toHaveLength(1);
  });

  it('tells addresses apart by prefix and peer, as the kernel does', () => {
    const table = new InterfaceTable();
    table.apply(addressMessage('new', address('192.0.2.1')));
    table.apply(addressMessage('new', address('192.0.2.1', { prefixLength: 32 })));
    expect(told(table.apply(addressMessage('deleted', address('192.0.2.1'))))).toEqual(['address removed']);
    expect([...table.addresses()].map(({ prefixLength }) => prefixLength)).toEqual([32]);
  });

  it('publishes only the difference when everything is read anew', () => {
    const table = new InterfaceTable();
    const [eth2, eth3, eth4] = [link({ index: 2 }), link({ index: 3 }), link({ index: 4 })];
    table.replace([eth2, eth3], [address('192.0.2.1'), address('192.0.2.2')]);
    expect(table.replace([eth2, eth3], [address('192.0.2.1'), address('192.0.2.2')])).toEqual([]);
    const changes = table.replace([{ ...eth2, flags: 0x1003 }, eth4], [address('192.0.2.2'), address('192.0.2.3')]);
    expect(told(changes)).toEqual(['address removed', 'link removed', 'link changed', 'link added', 'address added']);
    expect([...table.links.keys()].sort()).toEqual([2, 4]);
  });
});
