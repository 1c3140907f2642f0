import { endianness } from 'node:os';
import { describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../../src/errors/index.js';
import { RTA_DST, RTA_GATEWAY, RTM_NEWROUTE } from '../../../src/netlink/constants.js';
import { decodeDatagram, NetlinkDecodeError, type NetlinkMessage } from '../../../src/netlink/index.js';
import { RequestWriter } from '../../../src/netlink/request-writer.js';
import { CAPTURED } from '../../fuzz/captured.js';
import { checkerOf, type Decode } from '../../fuzz/check.js';
import { fuzz } from '../../fuzz/fuzz.js';
import { inputsFrom } from '../../fuzz/make-input.js';
import { parseOrder, QUICK } from '../../fuzz/options.js';

const SEED = 20_251;
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('decoding mutations of captured datagrams', () => {
  it(`keeps every promise over ${QUICK} of them`, () => {
    const tally = fuzz({ inputs: QUICK, makeInput: inputsFrom(CAPTURED, SEED), check: checkerOf(decodeDatagram) });
    expect(tally).toMatchObject({ inputs: QUICK, failures: 0, findings: [] });
    expect(tally.decoded + tally.refused).toBe(QUICK);
  }, 120_000);

  it.skipIf(endianness() === 'BE')('decodes a part of them and refuses the others', () => {
    const tally = fuzz({ inputs: 10_000, makeInput: inputsFrom(CAPTURED, SEED), check: checkerOf(decodeDatagram) });
    expect(Math.min(tally.decoded, tally.refused)).toBeGreaterThan(10_000 / 4);
  });
});

describe('the inputs', () => {
  const everyInput = Array.from({ length: 20_000 }, (_, input) => input);

  it('are the same for the same seed, and others for another', () => {
    const [once, again, other] = [SEED, SEED, SEED + 1].map((seed) => {
      const makeInput = inputsFrom(CAPTURED, seed);
      return everyInput.slice(0, 200).map((input) => hex(makeInput(input)));
    });
    expect(again).toEqual(once);
    expect(other).not.toEqual(once);
  });

  it('can be made each by itself, without those before it', () => {
    const inRow = inputsFrom(CAPTURED, SEED);
    const upTo500 = everyInput.slice(0, 501).map((input) => hex(inRow(input)));
    expect(hex(inputsFrom(CAPTURED, SEED)(500))).toBe(upTo500.at(-1));
  });

  it.skipIf(endianness() === 'BE')('reach every kind of message and every reason to refuse one', () => {
    const makeInput = inputsFrom(CAPTURED, SEED);
    const seen = new Set(everyInput.flatMap((input) => whatBecomesOf(makeInput(input))));
    expect([...seen]).toEqual(
      expect.arrayContaining(['link', 'address', 'route', 'rule', 'error', 'done', 'overrun', 'noop', 'unknown']),
    );
    expect([...seen]).toEqual(
      expect.arrayContaining([
        'a message header is cut short',
        'a message of length N does not fit',
        'a link message is cut short',
        'an address message is cut short',
        'an address message holds no address',
        'a route message is cut short',
        'a rule message is cut short',
        'an error message is cut short',
        'a done message is cut short',
        'a quoted request of length N does not fit',
        'an attribute header is cut short',
        'an attribute of length N does not fit',
        'attribute N has fewer than N bytes',
        'a prefix of length N is longer than an IPvN address',
        'a prefix has no address',
        'a next hop is cut short',
        'a next hop of length N does not fit',
      ]),
    );
  });

  function whatBecomesOf(bytes: Uint8Array): readonly string[] {
    try {
      return decodeDatagram(bytes).map((message) => message.kind);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      return [text.replace(/^malformed netlink datagram: | at byte \d+$/g, '').replace(/\d+/g, 'N')];
    }
  }
});

describe('the check of the decoder', () => {
  const route = new RequestWriter(0, RTM_NEWROUTE, 0, 12)
    .structureU8(0, 2)
    .structureU8(1, 32)
    .raw(RTA_DST, Uint8Array.of(192, 0, 2, 1))
    .raw(RTA_GATEWAY, Uint8Array.of(192, 0, 2, 254))
    .finish();
  const problemOf = (decode: Decode, input: Uint8Array = route): string | undefined => {
    const verdict = checkerOf(decode)(input);
    return verdict.kind === 'violation' ? verdict.problem : undefined;
  };
  /** A decoder that gets one thing wrong about routes. */
  const wrongIn =
    (change: object): Decode =>
    (bytes) =>
      decodeDatagram(bytes).map(
        (message): NetlinkMessage =>
          message.kind === 'route' ? { ...message, route: { ...message.route, ...change } } : message,
      );

  it('finds no fault with a decoder that keeps its promises', () => {
    expect(checkerOf(decodeDatagram)(route)).toMatchObject({ kind: 'decoded', messages: [{ kind: 'route' }] });
    expect(checkerOf(decodeDatagram)(route.subarray(1))).toMatchObject({ kind: 'refused' });
    expect(checkerOf(decodeDatagram)(new Uint8Array(0))).toEqual({ kind: 'decoded', messages: [] });
  });

  it.each<[string, Decode, string]>([
    [
      'throws anything else',
      () => {
        throw new RangeError('Offset is outside the bounds of the DataView');
      },
      'threw RangeError: Offset is outside the bounds of the DataView',
    ],
    [
      'says that the mistake is where there are no bytes',
      () => {
        throw new NetlinkDecodeError('nonsense', 10_000);
      },
      'offset 10000 is outside',
    ],
    [
      'looks behind the datagram',
      (bytes) => wrongIn({ metric: Buffer.from(bytes.buffer).readUInt8(bytes.byteOffset + route.length) })(bytes),
      'the result depends on the bytes around the datagram',
    ],
    [
      'looks before the datagram',
      (bytes) => wrongIn({ metric: Buffer.from(bytes.buffer).readUInt8(bytes.byteOffset - 1) })(bytes),
      'the result depends on the bytes around the datagram',
    ],
    [
      'looks into the next message',
      (bytes) => wrongIn({ metric: bytes[route.length + 4] ?? 0 })(bytes),
      'the result depends on the bytes around the datagram',
    ],
    [
      'forgets the next message',
      (bytes) => decodeDatagram(bytes).slice(0, 1),
      'the result depends on the bytes around the datagram',
    ],
    [
      'finds more messages than there can be',
      (bytes) => Array.from({ length: 5 }, () => decodeDatagram(bytes)).flat(),
      '5 messages in 44 bytes',
    ],
    ['gives a number that is none', wrongIn({ metric: Number.NaN }), 'the number NaN'],
    ['gives a fraction', wrongIn({ metric: 0.5 }), 'the number 0.5'],
    ['gives a text with a NUL', wrongIn({ protocol: 'a\0' }), 'the text "a\\u0000"'],
    ['gives half of a character', wrongIn({ protocol: '\ud800' }), 'the text "\\ud800"'],
    ['gives null', wrongIn({ mark: null }), 'null'],
    ['gives an address that is none', wrongIn({ destination: '192.0.2' }), 'destination 192.0.2 of family 4'],
    ['gives an address of the wrong family', wrongIn({ source: '::1' }), 'source ::1 of family 4'],
    ['gives a router that is none', wrongIn({ gateway: '' }), 'gateway '],
    ['gives a prefix that is too long', wrongIn({ prefixLength: 33 }), 'prefix length 33 of family 4'],
    ['gives a prefix of nothing', wrongIn({ destination: undefined }), 'prefix length 32 without an address'],
  ])('finds a decoder out that %s', (_what, decode, problem) => {
    expect(problemOf(decode)).toBe(problem);
  });
});

describe('a run', () => {
  const makeInput = (input: number): Uint8Array => Uint8Array.of(input);
  const check = (bytes: Uint8Array) =>
    bytes[0] === 3 ? ({ kind: 'violation', problem: 'three' } as const) : ({ kind: 'decoded', messages: [] } as const);

  it('says of a failure how to see it again, and goes on', () => {
    expect(fuzz({ inputs: 6, makeInput, check })).toEqual({
      inputs: 6,
      decoded: 5,
      refused: 0,
      failures: 1,
      findings: [{ input: 3, hex: '03', problem: 'three' }],
    });
  });

  it('announces every input before it is tried, so that one that never ends is known', () => {
    const announced: number[] = [];
    fuzz({ inputs: 3, makeInput, check, onInput: (input) => announced.push(input) });
    expect(announced).toEqual([0, 1, 2]);
  });

  it('counts all failures and keeps the first ones', () => {
    const tally = fuzz({ inputs: 1_000, makeInput: () => Uint8Array.of(3), check });
    expect(tally.failures).toBe(1_000);
    expect(tally.findings.map((finding) => finding.input)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});

describe('the command line', () => {
  it('asks for ten million inputs of any seed', () => {
    expect(parseOrder([])).toEqual({ kind: 'run', inputs: 10_000_000, seed: expect.any(Number) });
  });

  it.each([
    [['--quick', '--seed', '7'], { kind: 'run', inputs: 200_000, seed: 7 }],
    [['--inputs', '5000', '--seed', '4294967295'], { kind: 'run', inputs: 5_000, seed: 4_294_967_295 }],
    [['--replay', '00fF'], { kind: 'replay', bytes: Uint8Array.of(0, 255) }],
    [['--replay', ''], { kind: 'replay', bytes: new Uint8Array(0) }],
  ])('understands %j', (args, order) => {
    expect(parseOrder(args)).toEqual(order);
  });

  it.each([
    ['--inputs', ['--inputs', 'many']],
    ['--inputs', ['--inputs', '1e3']],
    ['--inputs', ['--inputs', '5', '--quick']],
    ['--seed', ['--seed', '4294967296']],
    ['--replay', ['--replay', '0']],
    ['--replay', ['--replay', 'zz']],
  ])('refuses a wrong %s: %j', (option, args) => {
    expect(() => parseOrder(args)).toThrow(InvalidOptionError);
    expect(() => parseOrder(args)).toThrow(expect.objectContaining({ option }));
  });

  it('refuses an option that there is not', () => {
    expect(() => parseOrder(['--sead', '7'])).toThrow(TypeError);
  });
});
