import { describe, expect, it } from 'vitest';
import type { Message } from '../../../../native/index.js';
import { internetChecksum } from '../../../../src/probes/ping/icmp-echo.js';
import { SequenceTable } from '../../../../src/probes/ping/sequence-table.js';
import { EchoFormat } from '../../../../src/probes/trace/echo-format.js';
import { findLoop } from '../../../../src/probes/trace/find-loop.js';
import type { FlowUser } from '../../../../src/probes/trace/flow-user.js';
import { judgeIcmpError } from '../../../../src/probes/trace/icmp-answer.js';
import { Pace } from '../../../../src/probes/trace/pace.js';
import { pathIdOf } from '../../../../src/probes/trace/path-identity.js';
import { isRateLimited } from '../../../../src/probes/trace/rate-limit.js';
import { UdpFormat } from '../../../../src/probes/trace/udp-format.js';

/** A message, and who waits for the probe that it may be for. */
function outstanding() {
  const table = new SequenceTable<FlowUser>();
  const owner: FlowUser = {
    ip: Uint8Array.of(192, 0, 2, 1),
    to: new Uint8Array(16),
    onAnswer: () => {},
    onUnmatched: () => undefined,
  };
  return { table, entry: table.claim(owner, 7) };
}

const messageOf = (bytes: Uint8Array): Message => ({
  // As much room as there is in a batch; what is behind the length is of others.
  bytes: Uint8Array.from([...bytes, ...new Uint8Array(64).fill(0xee)]),
  length: bytes.length,
  address: new Uint8Array(28),
  control: new DataView(new ArrayBuffer(0)),
  controlLength: 0,
});

const withByte = (bytes: Uint8Array, at: number): Uint8Array =>
  bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));

/** As routers do that put extensions behind what they quote. */
const padded = (bytes: Uint8Array): Uint8Array => Uint8Array.from([...bytes, ...new Uint8Array(128 - bytes.length)]);

describe('an echo request of a flow', () => {
  it.each([4, 6] as const)('has the checksum that is wanted, whatever else it holds, by IPv%d', (family) => {
    const { bytes, ...echo } = formatOf(family);
    const view = new DataView(bytes.buffer);
    const seen = new Set<string>();
    for (let sequence = 0; sequence < 65_536; sequence += 97) {
      const tokenHigh = Math.imul(sequence, 2_654_435_761) >>> 0;
      echo.write({ sequence, tokenHigh, tokenLow: sequence << 7 }, 31_435);
      expect(view.getUint16(2)).toBe(31_435);
      expect(internetChecksum(bytes, bytes.length)).toBe(0);
      expect([view.getUint16(4), view.getUint16(6)]).toEqual([31_434, sequence]);
      seen.add(Buffer.from(bytes).toString('hex'));
    }
    expect(seen.size).toBe(Math.ceil(65_536 / 97));
  });

  function formatOf(family: 4 | 6) {
    const echo = new EchoFormat(family, 'icmp-raw', 31_434);
    return { bytes: echo.bytes, write: echo.write.bind(echo) };
  }

  /** The request as it was sent, and the reply to it, from behind the IP header. */
  function exchange() {
    const { table, entry } = outstanding();
    const format = new EchoFormat(6, 'icmp-raw', 31_434);
    format.write(entry, 31_434);
    const request = Uint8Array.from(format.bytes);
    return { table, entry, format, request, reply: Uint8Array.from([129, ...request.subarray(1)]) };
  }

  it('is known again by its reply, all of it', () => {
    const { table, entry, format, reply } = exchange();
    expect(format.inReply(messageOf(reply), table)).toBe(entry);
    for (const at of [0, 4, 6, 8, 15]) expect(format.inReply(messageOf(withByte(reply, at)), table)).toBe('foreign');
    // Otherwise the sequence number would be all that somebody has to guess.
    const withoutToken = reply.map((byte, at) => (at >= 8 && at < 16 ? 0 : byte));
    expect(format.inReply(messageOf(withoutToken), table)).toBe('foreign');
    for (const length of [0, 7, 8, 15]) {
      expect(format.inReply(messageOf(reply.subarray(0, length)), table)).toBe('foreign');
    }
  });

  it('is known again by what routers quote of it: its header at least', () => {
    const { table, entry, format, request } = exchange();
    for (const length of [8, 12, 16, 40]) {
      expect(format.inError(messageOf(request.subarray(0, length)), table)).toBe(entry);
    }
    expect(format.inError(messageOf(padded(request)), table)).toBe(entry);
    expect(format.inError(messageOf(padded(request.subarray(0, 8))), table)).toBe(entry);
    for (const at of [0, 4, 6, 8, 15]) expect(format.inError(messageOf(withByte(request, at)), table)).toBe('foreign');
    for (const length of [0, 7]) expect(format.inError(messageOf(request.subarray(0, length)), table)).toBe('foreign');
  });
});

describe('the data of a UDP probe', () => {
  function exchange() {
    const { table, entry } = outstanding();
    const format = new UdpFormat();
    format.write(entry);
    return { table, entry, format, probe: Uint8Array.from(format.bytes) };
  }

  it('names it', () => {
    const { table, entry, format, probe } = exchange();
    expect(format.inError(messageOf(probe), table)).toBe(entry);
    expect(format.inError(messageOf(probe.subarray(0, 10)), table)).toBe(entry);
    for (const at of [1, 2, 9]) expect(format.inError(messageOf(withByte(probe, at)), table)).toBe('foreign');
  });

  it('names none where too little of it is quoted, or zeros in its place', () => {
    const { table, format, probe } = exchange();
    for (const length of [0, 1, 8, 9]) {
      expect(format.inError(messageOf(probe.subarray(0, length)), table)).toBe('unnamed');
    }
    expect(format.inError(messageOf(padded(new Uint8Array())), table)).toBe('unnamed');
  });

  it('need not be in what the target answers', () => {
    const { table, entry, format, probe } = exchange();
    expect(format.inReply(messageOf(probe), table)).toBe(entry);
    expect(format.inReply(messageOf(Buffer.from('whatever it is')), table)).toBe('unnamed');
  });
});

describe('a hop that limits its answers', () => {
  const of = (received: number, sent: number) => ({ received, sent });

  it.each([
    [of(6, 12), [of(12, 12), of(12, 12)]],
    [of(6, 12), [of(12, 12)]],
    [of(1, 3), Array.from({ length: 9 }, () => of(3, 3))],
    [of(6, 12), [of(0, 12), of(6, 12), of(12, 12), of(12, 12), of(12, 12)]],
    [of(60, 1_600), Array.from({ length: 20 }, () => of(1_600, 1_600))],
  ])('is told from those behind it: %j, %j', (hop, behind) => {
    expect(isRateLimited(hop, behind)).toBe(true);
  });

  it.each([
    // One of three is lost anywhere.
    [of(2, 3), Array.from({ length: 9 }, () => of(3, 3))],
    // It answers nothing, so nothing shows that it would.
    [of(0, 12), [of(12, 12)]],
    // The packets are lost on the way to it.
    [of(70, 100), [of(72, 100), of(69, 100), of(75, 100)]],
    [of(6, 12), [of(6, 12), of(5, 12)]],
    [of(6, 12), []],
    [of(6, 12), [of(0, 12)]],
    [of(12, 12), [of(6, 12)]],
    [of(0, 0), []],
  ])('is not made up: %j, %j', (hop, behind) => {
    expect(isRateLimited(hop, behind)).toBe(false);
  });

  it('is told where chance does so much less than once in a hundred times', () => {
    // C(12, 6) / C(24, 6) = 0.007, and C(12, 5) / C(24, 5) = 0.019.
    expect(isRateLimited(of(6, 12), [of(12, 12)])).toBe(true);
    expect(isRateLimited(of(7, 12), [of(12, 12)])).toBe(false);
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
