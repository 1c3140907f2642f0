import { endianness } from 'node:os';
import { describe, expect, it } from 'vitest';
import {
  AF_INET,
  AF_INET6,
  FRA_DPORT_RANGE,
  FRA_DST,
  FRA_FWMARK,
  FRA_FWMASK,
  FRA_L3MDEV,
  FRA_PROTOCOL,
  FRA_SUPPRESS_IFGROUP,
  FRA_SUPPRESS_PREFIXLEN,
  FRA_TABLE,
  FRA_TUN_ID,
  FRA_UID_RANGE,
  RTM_NEWRULE,
} from '../../../src/netlink/constants.js';
import { decodeDatagram, type IpFamily, NetlinkDecodeError, type Rule } from '../../../src/netlink/index.js';
import { RequestWriter } from '../../../src/netlink/request-writer.js';
import { captured, decodeAll, notificationsOf } from './fixtures/index.js';
import { rulesAsIpSaysThem, rulesIn, rulesOfIp } from './ip-json.js';

const FIB_RULE_HDR_LENGTH = 12;
const newRule = (family = AF_INET): RequestWriter =>
  new RequestWriter(0, RTM_NEWRULE, 0, FIB_RULE_HDR_LENGTH).structureU8(0, family);

function decodeOne(message: RequestWriter): Rule {
  const [rule] = rulesIn(decodeDatagram(message.finish()));
  if (rule === undefined) throw new Error('no rule message');
  return rule;
}

describe.skipIf(endianness() === 'BE')('rules as captured', () => {
  const rules = rulesIn(decodeAll(captured.rules));
  const ofFamily = (family: IpFamily): Rule[] => rules.filter((rule) => rule.family === family);
  const only = (isIt: (rule: Rule) => boolean): Rule => {
    const [rule, ...others] = rules.filter(isIt);
    if (rule === undefined || others.length > 0) throw new Error(`the capture has not one such rule: ${isIt}`);
    return rule;
  };

  it('are what ip says they are, in the same order', () => {
    expect(rulesAsIpSaysThem(ofFamily(4))).toEqual(rulesOfIp(captured.ip.rules));
    expect(rulesAsIpSaysThem(ofFamily(6))).toEqual(rulesOfIp(captured.ip.rules6));
  });

  it('come from one family where one was asked for', () => {
    expect(rulesIn(decodeAll(captured.rules6))).toEqual(ofFamily(6));
  });

  it('hold everything that there is to say of a rule', () => {
    expect(only((rule) => rule.source === '192.0.2.96')).toEqual({
      family: 4,
      priority: expect.any(Number),
      action: 'to_tbl',
      table: 1_000,
      gotoTarget: undefined,
      protocol: 'unspecified',
      flags: 0,
      inverted: false,
      unresolved: false,
      iifDetached: false,
      oifDetached: false,
      destination: '198.51.100.7',
      destinationPrefixLength: 32,
      source: '192.0.2.96',
      sourcePrefixLength: 27,
      iif: 'lo',
      oif: 'veth0',
      fwmark: undefined,
      uidRange: undefined,
      ipProtocol: undefined,
      sourcePorts: undefined,
      destinationPorts: undefined,
      tos: 0,
      tunId: undefined,
      l3mdev: false,
      suppressPrefixLength: undefined,
      suppressIfGroup: undefined,
    });
  });

  it('begin with those that the kernel makes itself', () => {
    expect(ofFamily(4).filter((rule) => rule.protocol === 'kernel')).toMatchObject([
      { priority: 0, action: 'to_tbl', table: 255 },
      { priority: 32_766, action: 'to_tbl', table: 254 },
      { priority: 32_767, action: 'to_tbl', table: 253 },
    ]);
  });

  it('end a look-up, each in its own way', () => {
    const actionFor = (source: string): string => only((rule) => rule.source === source).action;
    expect(['203.0.113.97', '203.0.113.98', '203.0.113.99'].map(actionFor)).toEqual([
      'blackhole',
      'unreachable',
      'prohibit',
    ]);
  });

  it('jump to a rule, whether it is there or not', () => {
    expect(ofFamily(4).filter((rule) => rule.action === 'goto')).toMatchObject([
      { gotoTarget: 30_000, unresolved: false, table: undefined },
      { gotoTarget: 40_000, unresolved: true, table: undefined },
    ]);
    expect(only((rule) => rule.priority === 30_000)).toMatchObject({ action: 'nop', table: undefined });
  });

  it('match marks under a mask, of which the value may be 0', () => {
    const marks = ofFamily(4).flatMap(({ fwmark }) => (fwmark === undefined ? [] : [fwmark]));
    expect(marks).toEqual([
      { value: 0x10, mask: 0xf0 },
      { value: 0, mask: 0xff },
      { value: 9, mask: 0xffff_ffff },
    ]);
  });

  it('match users, protocols and ports', () => {
    expect(only((rule) => rule.uidRange?.start === 1_234)).toMatchObject({ uidRange: { start: 1_234, end: 1_234 } });
    expect(only((rule) => rule.ipProtocol === 6 && !rule.inverted)).toMatchObject({
      sourcePorts: undefined,
      destinationPorts: { start: 443, end: 443 },
    });
    expect(only((rule) => rule.ipProtocol === 17)).toMatchObject({
      sourcePorts: { start: 1_000, end: 2_000 },
      destinationPorts: { start: 53, end: 54 },
    });
  });

  it('wait for interfaces that do not exist', () => {
    expect(only((rule) => rule.iif === 'nowhere0')).toMatchObject({
      oif: 'nowhere1',
      iifDetached: true,
      oifDetached: true,
    });
  });

  it('may be for all packets but those that match', () => {
    expect(only((rule) => rule.source === '203.0.113.0')).toMatchObject({ inverted: true, sourcePrefixLength: 24 });
  });

  it('may leave routes of their table aside', () => {
    const suppressors = rules.flatMap(({ suppressPrefixLength: length, suppressIfGroup: group }) =>
      length === undefined && group === undefined ? [] : [[length, group]],
    );
    expect(suppressors).toEqual([
      [undefined, 7],
      [0, undefined],
      [127, undefined],
    ]);
  });

  it('may be for tunnels and for the packets of VRFs', () => {
    expect(only((rule) => rule.tunId !== undefined).tunId).toBe(5_000_000_000);
    expect(only((rule) => rule.l3mdev)).toMatchObject({ action: 'to_tbl', table: undefined });
  });
});

describe.skipIf(endianness() === 'BE')('rule notifications as captured', () => {
  it('tell of a rule that comes and goes', () => {
    const rule = { family: 4, fwmark: { value: 10, mask: 0xffff_ffff }, action: 'to_tbl', table: 1_001 };
    expect(notificationsOf('rule add fwmark 10 table 1001')).toMatchObject([{ kind: 'rule', change: 'new', rule }]);
    expect(notificationsOf('rule del fwmark 10 table 1001')).toMatchObject([{ kind: 'rule', change: 'deleted', rule }]);
  });
});

describe('decoding a rule', () => {
  it('needs nothing but the header, and matches every packet then', () => {
    expect(decodeOne(newRule())).toMatchObject({
      priority: 0,
      action: 'unknown',
      table: undefined,
      protocol: 'unspecified',
      destination: undefined,
      destinationPrefixLength: 0,
      fwmark: undefined,
    });
  });

  it.each([
    [0, 'unknown'],
    [1, 'to_tbl'],
    [2, 'goto'],
    [3, 'nop'],
    [4, 'unknown'],
    [5, 'unknown'],
    [6, 'blackhole'],
    [7, 'unreachable'],
    [8, 'prohibit'],
    [9, 'unknown'],
  ])('names the action %i %s', (number, action) => {
    expect(decodeOne(newRule().structureU8(7, number)).action).toBe(action);
  });

  it.each([
    [0x02, 'inverted'],
    [0x04, 'unresolved'],
    [0x08, 'iifDetached'],
    [0x10, 'oifDetached'],
  ] as const)('names the flag %i %s', (flag, name) => {
    expect(decodeOne(newRule().structureU32(8, flag))).toMatchObject({ flags: flag, [name]: true });
    expect(decodeOne(newRule().structureU32(8, 2 ** 32 - 1 - flag))[name]).toBe(false);
  });

  it('believes the 32-bit table, not the eight bits of the header', () => {
    const compat = 252;
    expect(decodeOne(newRule().structureU8(4, compat)).table).toBe(252);
    expect(decodeOne(newRule().structureU8(4, compat).u32(FRA_TABLE, 70_000)).table).toBe(70_000);
  });

  it('takes a mark without a mask for one of which every bit counts', () => {
    expect(decodeOne(newRule().u32(FRA_FWMARK, 2 ** 32 - 1)).fwmark).toEqual({ value: 2 ** 32 - 1, mask: 2 ** 32 - 1 });
  });

  it('takes a mask without a mark for one of marks that have none of its bits', () => {
    expect(decodeOne(newRule().u32(FRA_FWMASK, 0xf0)).fwmark).toEqual({ value: 0, mask: 0xf0 });
  });

  it('has no suppressor where the kernel says -1', () => {
    const rule = newRule()
      .u32(FRA_SUPPRESS_PREFIXLEN, 2 ** 32 - 1)
      .u32(FRA_SUPPRESS_IFGROUP, 2 ** 32 - 1);
    expect(decodeOne(rule)).toMatchObject({ suppressPrefixLength: undefined, suppressIfGroup: undefined });
  });

  it('reads ports in the order of the host, and tunnel ids in that of the network', () => {
    const ports = new Uint8Array(new Uint16Array([53, 443]).buffer);
    const rule = newRule()
      .raw(FRA_DPORT_RANGE, ports)
      .raw(FRA_TUN_ID, Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 2));
    expect(decodeOne(rule)).toMatchObject({ destinationPorts: { start: 53, end: 443 }, tunId: 2 ** 32 + 2 });
  });

  it.each([
    [2, 'kernel'],
    [4, 'static'],
    [16, 'dhcp'],
    [186, 186],
  ])('names the protocol %i %s', (number, protocol) => {
    expect(decodeOne(newRule().u8(FRA_PROTOCOL, number)).protocol).toBe(protocol);
  });

  it.each([
    ['a message without the whole of struct fib_rule_hdr', new RequestWriter(0, RTM_NEWRULE, 0, 11).structureU8(0, 2)],
    ['a prefix longer than its address', newRule().structureU8(1, 33).raw(FRA_DST, new Uint8Array(4))],
    ['a destination without its address, which would be any', newRule().structureU8(1, 24)],
    ['a source without its address, which would be any', newRule(AF_INET6).structureU8(2, 128)],
    ['an IPv6 destination of four bytes', newRule(AF_INET6).raw(FRA_DST, new Uint8Array(4))],
    ['a range of users with one end', newRule().raw(FRA_UID_RANGE, new Uint8Array(7))],
    ['a range of ports with one end', newRule().raw(FRA_DPORT_RANGE, new Uint8Array(3))],
    ['a tunnel id of four bytes', newRule().raw(FRA_TUN_ID, new Uint8Array(4))],
    ['an empty l3mdev', newRule().raw(FRA_L3MDEV, new Uint8Array(0))],
  ])('refuses %s', (_what, message) => {
    expect(() => decodeDatagram(message.finish())).toThrow(NetlinkDecodeError);
  });

  it.each([0, 128, 129])('leaves family %i alone', (family) => {
    expect(decodeDatagram(newRule(family).finish())).toMatchObject([{ kind: 'unknown', type: RTM_NEWRULE }]);
  });
});
