import { endianness } from 'node:os';
import { describe, expect, it } from 'vitest';
import { AF_INET, AF_INET6, RTM_NEWADDR } from '../../../src/netlink/constants.js';
import { decodeDatagram, type InterfaceAddress, NetlinkDecodeError } from '../../../src/netlink/index.js';
import { RequestWriter } from '../../../src/netlink/request-writer.js';
import { captured, decodeAll, notificationsOf } from './fixtures/index.js';
import { addressesAsIpSaysThem, addressesIn, addressesOfIp } from './ip-json.js';

// linux/if_addr.h
const IFADDRMSG_LENGTH = 8;
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFA_CACHEINFO = 6;
const IFA_FLAGS = 8;

const TEN = Uint8Array.of(192, 0, 2, 10);
const newAddress = (family = AF_INET): RequestWriter =>
  new RequestWriter(0, RTM_NEWADDR, 0, IFADDRMSG_LENGTH).structureU8(0, family);

function decodeOne(message: RequestWriter): InterfaceAddress {
  const [address] = addressesIn(decodeDatagram(message.finish()));
  if (address === undefined) throw new Error('no address message');
  return address;
}

describe.skipIf(endianness() === 'BE')('addresses as captured', () => {
  const addresses = addressesIn(decodeAll(captured.addresses));
  const named = (text: string): InterfaceAddress => {
    const address = addresses.find((candidate) => candidate.address === text);
    if (address === undefined) throw new Error(`the capture has no ${text}`);
    return address;
  };

  it('are what ip says they are', () => {
    expect(addressesAsIpSaysThem(addresses)).toEqual(addressesOfIp(captured.ip.addresses));
  });

  it('hold everything that there is to say of a usual address', () => {
    expect(named('192.0.2.1')).toEqual({
      family: 4,
      ifIndex: 3,
      address: '192.0.2.1',
      peer: undefined,
      broadcast: '192.0.2.255',
      label: 'veth0',
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
    });
  });

  it.each([
    ['198.51.100.1', '198.51.100.2'],
    ['2001:db8::2', '2001:db8::3'],
  ])('keep this end %s apart from its peer %s', (address, peer) => {
    expect(named(address).peer).toBe(peer);
  });

  it('know a second address of the same subnet and its label', () => {
    expect(named('192.0.2.2')).toMatchObject({ secondary: true, label: 'veth0:alias' });
  });

  it('say how long they last, in milliseconds', () => {
    const { validLifetime, preferredLifetime, permanent } = named('203.0.113.5');
    expect(permanent).toBe(false);
    expect(preferredLifetime).toBe((validLifetime ?? 0) - 1_800_000);
  });

  it('know which are not to be used any more, and which not yet', () => {
    expect(named('2001:db8:1::1')).toMatchObject({ deprecated: true, preferredLifetime: 0 });
    expect(named('2001:db8:2::1')).toMatchObject({ tentative: true });
    expect(named('203.0.113.6')).toMatchObject({ family: 4, deprecated: true });
  });

  it('know the one that was found to be in use elsewhere, from the one that is in use there', () => {
    const shared = addresses.filter((candidate) => candidate.address === '2001:db8:4::1');
    expect(shared.map(({ dadFailed, tentative }) => [dadFailed, tentative])).toEqual([
      [true, true],
      [false, false],
    ]);
  });

  it('know a privacy address', () => {
    const ofPrefix = addresses.filter((candidate) => candidate.address.startsWith('2001:db8:3:'));
    expect(ofPrefix.map(({ temporary, permanent }) => [temporary, permanent])).toEqual([
      [true, false],
      [false, true],
    ]);
  });

  it('have numbers for scopes that have no name', () => {
    expect(named('203.0.113.10').scope).toBe(77);
  });

  it('come and go by notification', () => {
    expect(notificationsOf('addr add 192.0.2.9/24 dev veth0').at(0)).toMatchObject({
      kind: 'address',
      change: 'new',
      address: { address: '192.0.2.9', ifIndex: 3 },
    });
    expect(notificationsOf('addr del 192.0.2.9/24 dev veth0').at(0)).toMatchObject({
      kind: 'address',
      change: 'deleted',
      address: { address: '192.0.2.9' },
    });
  });
});

describe('decoding an address', () => {
  it('believes the 32-bit flags, not the eight bits of the header, wherever they stand', () => {
    const tentative = 0x40;
    const header = newAddress().structureU8(2, tentative).raw(IFA_LOCAL, TEN);
    expect(decodeOne(header).tentative).toBe(true);
    expect(decodeOne(header.u32(IFA_FLAGS, 0x80)).tentative).toBe(false);
  });

  it.each([
    [0x04, 'optimistic'],
    [0x08, 'dadFailed'],
    [0x20, 'deprecated'],
    [0x40, 'tentative'],
    [0x80, 'permanent'],
  ] as const)('names the flag %i %s', (flag, name) => {
    const clear = decodeOne(newAddress().raw(IFA_LOCAL, TEN).u32(IFA_FLAGS, 0));
    const set = decodeOne(newAddress().raw(IFA_LOCAL, TEN).u32(IFA_FLAGS, flag));
    expect([clear[name], set[name]]).toEqual([false, true]);
  });

  it('reads one flag bit as secondary for IPv4 and as temporary for IPv6', () => {
    const four = decodeOne(newAddress().raw(IFA_LOCAL, TEN).u32(IFA_FLAGS, 1));
    const six = decodeOne(newAddress(AF_INET6).raw(IFA_ADDRESS, new Uint8Array(16)).u32(IFA_FLAGS, 1));
    expect([four.secondary, four.temporary]).toEqual([true, false]);
    expect([six.secondary, six.temporary]).toEqual([false, true]);
  });

  it.each([
    [0, 'global'],
    [200, 'site'],
    [253, 'link'],
    [254, 'host'],
    [255, 'nowhere'],
    [150, 150],
  ])('names the scope %i %s', (number, scope) => {
    expect(decodeOne(newAddress().structureU8(3, number).raw(IFA_LOCAL, TEN)).scope).toBe(scope);
  });

  it('has no lifetimes where the message has none', () => {
    expect(decodeOne(newAddress().raw(IFA_LOCAL, TEN))).toMatchObject({
      validLifetime: undefined,
      preferredLifetime: undefined,
    });
  });

  it.each([
    ['a message that holds no address', newAddress()],
    ['an IPv4 address of three bytes', newAddress().raw(IFA_LOCAL, new Uint8Array(3))],
    ['an IPv6 address of four bytes', newAddress(AF_INET6).raw(IFA_ADDRESS, TEN)],
    ['lifetimes that are cut short', newAddress().raw(IFA_LOCAL, TEN).u32(IFA_CACHEINFO, 1)],
    [
      'a message without the whole of struct ifaddrmsg',
      new RequestWriter(0, RTM_NEWADDR, 0, 7).structureU8(0, AF_INET),
    ],
    ['a prefix longer than its address', newAddress().structureU8(1, 33).raw(IFA_LOCAL, TEN)],
  ])('refuses %s', (_what, message) => {
    expect(() => decodeDatagram(message.finish())).toThrow(NetlinkDecodeError);
  });

  it('leaves other families alone', () => {
    const AF_MCTP = 45;
    expect(decodeDatagram(newAddress(AF_MCTP).finish())).toMatchObject([{ kind: 'unknown', type: RTM_NEWADDR }]);
  });
});
