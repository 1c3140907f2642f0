import { endianness } from 'node:os';
import { describe, expect, it } from 'vitest';
import {
  IFLA_ADDRESS,
  IFLA_IFNAME,
  IFLA_LINK,
  IFLA_LINK_NETNSID,
  IFLA_LINKINFO,
  IFLA_MTU,
  IFLA_OPERSTATE,
  IFLA_STATS64,
  RTM_NEWLINK,
} from '../../../src/netlink/constants.js';
import { decodeDatagram, type Link, NetlinkDecodeError } from '../../../src/netlink/index.js';
import { RequestWriter } from '../../../src/netlink/request-writer.js';
import { captured, decodeAll, notificationsOf } from './fixtures/index.js';
import { linksAsIpSaysThem, linksIn, linksOfIp } from './ip-json.js';

const IFINFOMSG_LENGTH = 16;
const newLink = (): RequestWriter => new RequestWriter(0, RTM_NEWLINK, 0, IFINFOMSG_LENGTH);

function decodeOne(message: RequestWriter): Link {
  const [link] = linksIn(decodeDatagram(message.finish()));
  if (link === undefined) throw new Error('no link message');
  return link;
}

describe.skipIf(endianness() === 'BE')('links as captured', () => {
  const links = linksIn(decodeAll(captured.links));
  const named = (name: string): Link => {
    const link = links.find((candidate) => candidate.name === name);
    if (link === undefined) throw new Error(`the capture has no ${name}`);
    return link;
  };

  it('are what ip says they are', () => {
    expect(linksAsIpSaysThem(links)).toEqual(linksOfIp(captured.ip.links));
  });

  it('hold everything that there is to say of a veth with a cable', () => {
    expect(named('veth0')).toEqual({
      family: 0,
      index: 3,
      name: 'veth0',
      altNames: ['uplink', 'a-very-long-alternative-name', 'größe'],
      kind: 'veth',
      type: 1,
      mac: expect.stringMatching(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/),
      mtu: 1_400,
      flags: 0x11043,
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
      carrierChanges: 2,
      carrierUpCount: 1,
      carrierDownCount: 1,
      linkIndex: 2,
      linkNetnsId: undefined,
      masterIndex: undefined,
      statistics: {
        rx: { bytes: expect.any(Number), packets: expect.any(Number), errors: 0, dropped: 0 },
        tx: { bytes: expect.any(Number), packets: expect.any(Number), errors: 0, dropped: 0 },
      },
    });
  });

  it('tell a pulled cable from a link that is set up', () => {
    expect(named('tap0')).toMatchObject({
      up: true,
      running: false,
      lowerUp: false,
      carrier: false,
      operState: 'down',
    });
  });

  it.each([
    ['lo', undefined],
    ['br0', 'bridge'],
    ['mac0', 'macvlan'],
    ['vx0', 'vxlan'],
    ['tun0', 'tun'],
    ['ifb0', 'ifb'],
    ['macvtap0', 'macvtap'],
  ])('name the kind of %s: %s', (name, kind) => {
    expect(named(name).kind).toBe(kind);
  });

  it('give no link-layer address to a link that has none', () => {
    expect(named('tun0').mac).toBeUndefined();
  });

  it("say which bridge a port is in, by the bridge's index", () => {
    expect(named('veth1').masterIndex).toBe(named('br0').index);
  });

  it('say in which namespace the other end is, where it is not in this one', () => {
    expect(named('away0')).toMatchObject({ linkIndex: expect.any(Number), linkNetnsId: 0 });
    expect(named('orphan0')).toMatchObject({ kind: 'macvlan', linkIndex: expect.any(Number), linkNetnsId: 0 });
  });

  it('tell a link that waits for permission from one that is cut', () => {
    expect(named('ifb0')).toMatchObject({ lowerUp: true, operState: 'dormant' });
    expect(named('mac1')).toMatchObject({ lowerUp: false, operState: 'lowerlayerdown' });
  });

  it('count every change of carrier once, whichever way it went', () => {
    for (const link of links) {
      expect(link.carrierChanges, link.name).toBe((link.carrierUpCount ?? 0) + (link.carrierDownCount ?? 0));
    }
  });

  it.each(['linkByName', 'linkByAltName'] as const)('are found %s', (request) => {
    expect(linksIn(decodeAll(captured[request])).map((link) => link.name)).toEqual(['veth0']);
  });

  it('are marked where a message speaks for their IPv6 side', () => {
    const sides = linksIn(decodeAll(captured.links6));
    expect(new Set(sides.map((link) => link.family))).toEqual(new Set([10]));
    expect(sides.at(0)).toMatchObject({ name: 'lo', up: true, statistics: undefined });
  });
});

describe.skipIf(endianness() === 'BE')('link notifications as captured', () => {
  it('tell that a port has left its bridge from the end of a link', () => {
    const heard = notificationsOf('link set veth1 nomaster');
    const deletions = heard.filter((message) => message.kind === 'link' && message.change === 'deleted');
    expect(linksIn(deletions)).toMatchObject([{ name: 'veth1', family: 7 }]);
    expect(linksIn(heard).findLast((link) => link.family === 0 && link.name === 'veth1')?.masterIndex).toBeUndefined();
  });

  it('tell that a link is gone', () => {
    expect(notificationsOf('link del mac0').at(-1)).toMatchObject({
      kind: 'link',
      change: 'deleted',
      link: { name: 'mac0', family: 0 },
    });
  });

  it('tell both ends of a veth that its cable is cut, and all that is above them', () => {
    const heard = linksIn(notificationsOf('link set veth1 down')).filter((link) => link.family === 0);
    // The kernel may take a second to say it of the bridge.
    expect(heard.filter((link) => link.kind !== 'bridge')).toMatchObject([
      { name: 'veth1', up: false, carrier: false, operState: 'down' },
      { name: 'veth0', up: true, carrier: false, operState: 'lowerlayerdown' },
      { name: 'mac0', up: true, carrier: false, operState: 'lowerlayerdown' },
      { name: 'macvtap0', up: true, carrier: false, operState: 'lowerlayerdown' },
    ]);
  });
});

describe('decoding a link', () => {
  it('leaves undefined what a wireless event does not hold', () => {
    const IFLA_WIRELESS = 11;
    const event = newLink().raw(IFLA_IFNAME, Buffer.from('wlan0\0')).raw(IFLA_WIRELESS, new Uint8Array(20));
    expect(decodeOne(event)).toMatchObject({
      name: 'wlan0',
      altNames: [],
      mtu: undefined,
      operState: undefined,
      carrier: undefined,
      statistics: undefined,
    });
  });

  it.each([
    [0x1, 'up'],
    [0x2, 'broadcast'],
    [0x8, 'loopback'],
    [0x10, 'pointToPoint'],
    [0x40, 'running'],
    [0x80, 'noArp'],
    [0x100, 'promiscuous'],
    [0x1000, 'multicast'],
    [0x10000, 'lowerUp'],
    [0x20000, 'dormant'],
  ] as const)('names the flag %i %s', (flag, name) => {
    expect(decodeOne(newLink().structureU32(8, flag))).toMatchObject({ flags: flag, [name]: true });
    expect(decodeOne(newLink().structureU32(8, 2 ** 32 - 1 - flag))[name]).toBe(false);
  });

  it.each(['unknown', 'notpresent', 'down', 'lowerlayerdown', 'testing', 'dormant', 'up'])(
    'knows the operational state %s by its number',
    (operState) => {
      const number = ['unknown', 'notpresent', 'down', 'lowerlayerdown', 'testing', 'dormant', 'up'].indexOf(operState);
      expect(decodeOne(newLink().u8(IFLA_OPERSTATE, number)).operState).toBe(operState);
    },
  );

  it('calls an operational state unknown that is not in RFC 2863', () => {
    expect(decodeOne(newLink().u8(IFLA_OPERSTATE, 200)).operState).toBe('unknown');
  });

  it('reads 64-bit counters exactly up to 2^53', () => {
    const counters = new BigUint64Array([1n, 2n, 2n ** 53n, 2n ** 32n + 5n, 5n, 6n, 7n, 8n]);
    expect(decodeOne(newLink().raw(IFLA_STATS64, new Uint8Array(counters.buffer))).statistics).toEqual({
      rx: { packets: 1, bytes: 2 ** 53, errors: 5, dropped: 7 },
      tx: { packets: 2, bytes: 2 ** 32 + 5, errors: 6, dropped: 8 },
    });
  });

  it('reads link-layer addresses of other lengths', () => {
    expect(decodeOne(newLink().raw(IFLA_ADDRESS, Uint8Array.of(192, 0, 2, 1))).mac).toBe('c0:00:02:01');
  });

  it('reads a parent in a namespace that has no id here', () => {
    const link = decodeOne(
      newLink()
        .u32(IFLA_LINK, 0)
        .u32(IFLA_LINK_NETNSID, 2 ** 32 - 1),
    );
    expect(link).toMatchObject({ linkIndex: 0, linkNetnsId: -1 });
  });

  it('ignores attributes that it does not know', () => {
    expect(decodeOne(newLink().raw(9_999, new Uint8Array(7)).u32(IFLA_MTU, 1_500)).mtu).toBe(1_500);
  });

  it.each([
    ['a message without the whole of struct ifinfomsg', new RequestWriter(0, RTM_NEWLINK, 0, IFINFOMSG_LENGTH - 1)],
    ['an MTU of one byte', newLink().u8(IFLA_MTU, 1)],
    ['statistics without all counters', newLink().raw(IFLA_STATS64, new Uint8Array(63))],
    ['broken attributes inside an attribute', newLink().raw(IFLA_LINKINFO, Uint8Array.of(1, 0, 1, 0))],
  ])('refuses %s', (_what, message) => {
    expect(() => decodeDatagram(message.finish())).toThrow(NetlinkDecodeError);
  });
});
