import { describe, expect, it } from 'vitest';
import { internetChecksum } from '../../../../src/probes/ping/icmp-echo.js';
import { findLoop } from '../../../../src/probes/trace/find-loop.js';
import { judgeIcmpError } from '../../../../src/probes/trace/icmp-answer.js';
import { Pace } from '../../../../src/probes/trace/pace.js';
import { ParisEcho } from '../../../../src/probes/trace/paris-echo.js';
import { pathIdOf } from '../../../../src/probes/trace/path-identity.js';
import { isUdpProbe, sequenceOfUdpProbe, UdpProbe } from '../../../../src/probes/trace/udp-probe.js';

const identity = (sequence: number, tokenHigh = 0xdeadbeef, tokenLow = 0x01020304) => ({
  sequence,
  tokenHigh,
  tokenLow,
});

describe('an echo request of a flow', () => {
  it.each([4, 6] as const)('has the checksum that is wanted, whatever else it holds, by IPv%d', (family) => {
    const echo = new ParisEcho(family, 32, 31_434);
    const view = new DataView(echo.bytes.buffer);
    const seen = new Set<string>();
    for (let sequence = 0; sequence < 65_536; sequence += 97) {
      echo.write(identity(sequence, Math.imul(sequence, 2_654_435_761) >>> 0, sequence << 7), 31_435);
      expect(view.getUint16(2)).toBe(31_435);
      expect(internetChecksum(echo.bytes, echo.bytes.length)).toBe(0);
      expect([view.getUint16(4), view.getUint16(6)]).toEqual([31_434, sequence]);
      seen.add(Buffer.from(echo.bytes).toString('hex'));
    }
    expect(seen.size).toBe(Math.ceil(65_536 / 97));
  });
});

describe('the data of a UDP probe', () => {
  it('names it', () => {
    const probe = new UdpProbe();
    probe.write(identity(0xabcd));
    expect(sequenceOfUdpProbe(probe.bytes, probe.bytes.length)).toBe(0xabcd);
    expect(isUdpProbe(probe.bytes, identity(0xabcd))).toBe(true);
    expect(isUdpProbe(probe.bytes, identity(0xabcd, 1))).toBe(false);
    expect(isUdpProbe(probe.bytes, identity(0xabcd, 0xdeadbeef, 1))).toBe(false);
    expect(isUdpProbe(probe.bytes, identity(0xabce))).toBe(false);
  });

  it('names none where too little of it is quoted', () => {
    const probe = new UdpProbe();
    probe.write(identity(1));
    expect(sequenceOfUdpProbe(probe.bytes, 10)).toBe(1);
    for (const length of [0, 1, 8, 9]) expect(sequenceOfUdpProbe(probe.bytes, length)).toBeUndefined();
  });
});

describe('an ICMP error', () => {
  it.each([
    [4, 11, 0, false, 'hop', undefined],
    [6, 3, 0, false, 'hop', undefined],
    [4, 11, 0, true, 'hop', undefined],
    [4, 3, 3, true, 'target', undefined],
    [6, 1, 4, true, 'target', undefined],
    [4, 3, 2, true, 'target', undefined],
    [4, 3, 3, false, 'unreachable', '!<3>'],
    [4, 3, 1, false, 'unreachable', '!H'],
    [4, 3, 0, false, 'unreachable', '!N'],
    [4, 3, 2, false, 'unreachable', '!P'],
    [4, 3, 4, false, 'unreachable', '!F'],
    [4, 3, 5, false, 'unreachable', '!S'],
    [4, 3, 13, false, 'unreachable', '!X'],
    [4, 3, 13, true, 'unreachable', '!X'],
    [6, 1, 1, false, 'unreachable', '!X'],
    [6, 1, 3, false, 'unreachable', '!H'],
    [6, 1, 0, false, 'unreachable', '!N'],
    [4, 12, 0, false, 'unreachable', '!<0>'],
    [4, 3, 200, false, 'unreachable', '!<200>'],
  ] as const)('of IPv%d, %d/%d, from the target: %s, is a %s', (family, type, code, isFromTarget, kind, notation) => {
    const answer = judgeIcmpError(family, type, code, isFromTarget);
    expect(answer.kind).toBe(kind);
    expect(answer.unreachable?.notation).toBe(notation);
  });
});

describe('a loop', () => {
  it.each([
    ['of two', ['r1', 'a', 'b', 'a', 'b'], { ttl: 2, addresses: ['a', 'b'] }],
    ['of three', ['a', 'b', 'c', 'a', 'b', 'c'], { ttl: 1, addresses: ['a', 'b', 'c'] }],
    ['of one', ['r1', 'a', 'a', 'a'], { ttl: 2, addresses: ['a'] }],
    ['with silent hops', ['r1', 'a', 'b', null, 'b', 'a', null, null], { ttl: 2, addresses: ['a', 'b'] }],
    ['that is not complete at its end', ['a', 'b', 'c', 'a', 'b', 'c', 'a'], { ttl: 1, addresses: ['a', 'b', 'c'] }],
  ] as const)('is found: %s', (_, path, loop) => {
    expect(findLoop(path)).toEqual(loop);
  });

  it.each([
    ['no hop', []],
    ['only silence', [null, null, null]],
    ['a straight way', ['a', 'b', 'c', 'd']],
    ['a router that answers twice', ['a', 'b', 'b', 'c']],
    ['two answers at the end', ['a', 'b', 'b']],
    ['a way that comes back once', ['a', 'b', 'c', 'a', 'd']],
    ['one repetition only', ['a', 'b', 'a']],
    ['silence between two of the same', ['a', null, 'a', null]],
  ] as const)('is none: %s', (_, path) => {
    expect(findLoop(path)).toBeUndefined();
  });
});

describe('the identity of a path', () => {
  it('is the same for the same hops, on every machine', () => {
    expect(pathIdOf([['192.0.2.1', null, '198.51.100.1']])).toBe('ac774bbb724c309f');
  });

  it('is another for other hops, another order, silence and other flows', () => {
    const paths = [
      [['a', 'b']],
      [['b', 'a']],
      [['a', null, 'b']],
      [['a'], ['b']],
      [['a', 'b'], []],
      [['ab']],
      [[null]],
      [[]],
    ];
    expect(new Set(paths.map(pathIdOf)).size).toBe(paths.length);
  });
});

describe('a pace', () => {
  it('lets a burst pass, and then as many a second as it says', () => {
    const pace = new Pace(100, 3);
    expect([0, 0, 0, 0].map((now) => pace.take(now))).toEqual([true, true, true, false]);
    expect(pace.nextAt(0)).toBe(10);
    expect([pace.take(9), pace.take(10), pace.take(10)]).toEqual([false, true, false]);
    expect(pace.nextAt(10)).toBe(20);
    expect(pace.nextAt(50)).toBe(50);
    // However long nothing is sent, no more than a burst is saved.
    expect([1e6, 1e6, 1e6, 1e6].map((now) => pace.take(now))).toEqual([true, true, true, false]);
    // A clock that goes back gives nothing.
    expect(pace.take(0)).toBe(false);
  });
});
