import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Mmdb } from '../../../../src/probes/geo/mmdb.js';
import { decodeMmdb, MmdbFormatError, type MmdbValue } from '../../../../src/probes/geo/mmdb-decoder.js';
import { requireProgram } from '../../../servers/require-program.js';
import { control, MARKER, pointerTo, type Writable, writeMmdb } from './write-mmdb.js';

const NETWORKS = [
  ['192.0.2.0/24', { name: 'wide', number: 7, half: 0.5, yes: true, list: ['a', 'b'] }],
  ['192.0.2.128/25', { name: 'narrow' }],
  ['203.0.113.5/32', { name: 'one' }],
  ['2001:db8::/32', { name: 'six' }],
] as const satisfies readonly (readonly [string, Writable])[];

function nameOf(value: MmdbValue | undefined): MmdbValue | undefined {
  return value instanceof Map ? value.get('name') : undefined;
}

describe('a MaxMind DB', () => {
  it.each([24, 28, 32] as const)('is looked up in with records of %d bits', (recordSize) => {
    const mmdb = new Mmdb(writeMmdb({ networks: NETWORKS, recordSize }));
    const found = (address: string) => {
      const match = mmdb.lookUp(address);
      return [nameOf(match?.value), match?.prefixLength];
    };
    expect(found('192.0.2.1')).toEqual(['wide', 25]);
    expect(found('192.0.2.128')).toEqual(['narrow', 25]);
    expect(found('192.0.2.255')).toEqual(['narrow', 25]);
    expect(found('203.0.113.5')).toEqual(['one', 32]);
    expect(found('2001:db8:1::1')).toEqual(['six', 32]);
    expect(found('::ffff:192.0.2.1')).toEqual(['wide', 25]);
    expect(found('::ffff:c000:201')).toEqual(['wide', 25]);
    for (const absent of ['203.0.113.4', '203.0.113.6', '2001:db9::', '127.0.0.1', '::1', 'not an address', '']) {
      expect(found(absent), absent).toEqual([undefined, undefined]);
    }
  });

  it.each(['0.0.0.0/1', '128.0.0.0/1'])(
    'may have its data far behind, where records of 28 bits need them all: %s',
    (far) => {
      const near = far === '0.0.0.0/1' ? '128.0.0.0/1' : '0.0.0.0/1';
      const networks = [
        [near, Buffer.alloc(2 ** 24)],
        [far, { name: 'far' }],
      ] as const;
      const mmdb = new Mmdb(writeMmdb({ networks, ipVersion: 4 }));
      expect(nameOf(mmdb.lookUp(far.replace('/1', ''))?.value)).toBe('far');
    },
  );

  it('of IPv4 knows nothing of IPv6', () => {
    const mmdb = new Mmdb(writeMmdb({ networks: NETWORKS.slice(0, 3), ipVersion: 4 }));
    expect(nameOf(mmdb.lookUp('192.0.2.1')?.value)).toBe('wide');
    expect(nameOf(mmdb.lookUp('::ffff:192.0.2.1')?.value)).toBe('wide');
    expect(mmdb.lookUp('2001:db8::1')).toBeUndefined();
    expect(mmdb.lookUp('::c000:201')).toBeUndefined();
  });

  it('may have one value for all of IPv4', () => {
    const mmdb = new Mmdb(writeMmdb({ networks: [['::/64', { name: 'all' }]] }));
    expect(mmdb.lookUp('192.0.2.1')).toMatchObject({ prefixLength: 0 });
  });

  it('says what it is', () => {
    expect(new Mmdb(writeMmdb({ networks: NETWORKS, type: 'GeoLite2-City' })).metadata).toEqual({
      type: 'GeoLite2-City',
      builtAt: 1_700_000_000_000,
      ipVersion: 6,
      languages: ['en', 'de'],
    });
  });

  it('is read as libmaxminddb reads it', async (context) => {
    requireProgram(context, 'mmdblookup', 'mmdb-bin');
    const folder = await mkdtemp(join(tmpdir(), 'netpause-mmdb-'));
    try {
      for (const recordSize of [24, 28, 32] as const) {
        const bytes = writeMmdb({ networks: NETWORKS, recordSize });
        const file = join(folder, `${recordSize}.mmdb`);
        await writeFile(file, bytes);
        for (const address of ['192.0.2.1', '192.0.2.200', '203.0.113.5', '2001:db8::1']) {
          const { stdout } = await promisify(execFile)('mmdblookup', ['--file', file, '--ip', address, 'name']);
          expect(nameOf(new Mmdb(bytes).lookUp(address)?.value)).toBe(/"(.+)" <utf8_string>/.exec(stdout)?.[1]);
        }
        await expect(promisify(execFile)('mmdblookup', ['--file', file, '--ip', '203.0.113.4'])).rejects.toThrow();
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

it('finds in any tree what libmaxminddb finds', { timeout: 30_000 }, async (context) => {
  requireProgram(context, 'mmdblookup', 'mmdb-bin');
  const folder = await mkdtemp(join(tmpdir(), 'netpause-mmdb-'));
  const byte = fc.nat(255);
  const v4 = fc.tuple(byte, byte, byte, byte, fc.integer({ min: 1, max: 32 }));
  const v6 = fc.tuple(fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 }), fc.integer({ min: 1, max: 128 }));
  const network = fc.oneof(
    v4.map(([a, b, c, d, length]) => `${a}.${b}.${c}.${d}/${length}`),
    v6.map(([words, length]) => `${words.map((word) => word.toString(16)).join(':')}/${length}`),
  );
  const tree = fc.record({
    networks: fc.array(network, { minLength: 1, maxLength: 8 }),
    recordSize: fc.constantFrom<24 | 28 | 32>(24, 28, 32),
    ipVersion: fc.constantFrom<4 | 6>(4, 6),
  });
  const check = fc.asyncProperty(tree, async ({ networks, recordSize, ipVersion }) => {
    const fitting = networks.filter((each) => ipVersion === 6 || !each.includes(':'));
    fc.pre(fitting.length > 0);
    const values = fitting.map((each, index): [string, Writable] => [each, { name: `v${index}` }]);
    const bytes = writeMmdb({ networks: values, recordSize, ipVersion });
    const file = join(folder, 'tree.mmdb');
    await writeFile(file, bytes);
    const mmdb = new Mmdb(bytes);
    for (const each of fitting) {
      const address = each.split('/')[0] ?? '';
      const { stdout } = await promisify(execFile)('mmdblookup', ['--file', file, '--ip', address, 'name']);
      expect(nameOf(mmdb.lookUp(address)?.value), address).toBe(/"(.+)" <utf8_string>/.exec(stdout)?.[1]);
    }
  });
  try {
    await fc.assert(check, { numRuns: 30 });
  } finally {
    await rm(folder, { recursive: true });
  }
});

describe('its values', () => {
  const hex = (text: string) => decodeMmdb(Buffer.from(text, 'hex'), 0);

  it('are decoded as the specification says', () => {
    expect(hex('a0')).toBe(0);
    expect(hex('a2ff00')).toBe(0xff00);
    expect(hex('c4fffffffe')).toBe(4_294_967_294);
    expect(hex('0401fffffffe')).toBe(-2);
    expect(hex('010105')).toBe(5);
    expect(hex('0802ffffffffffffffff')).toBe(0xffff_ffff_ffff_ffffn);
    expect(hex('100380000000000000000000000000000000')).toBe(2n ** 127n);
    expect(hex('683ff8000000000000')).toBe(1.5);
    expect(hex('04083fc00000')).toBe(1.5);
    expect([hex('0107'), hex('0007')]).toEqual([true, false]);
    expect(hex('82cafe')).toEqual(Uint8Array.from([0xca, 0xfe]));
    expect(hex('e0')).toEqual(new Map());
    expect(hex('42c3a9')).toBe('é');
  });

  it.each([0, 28, 29, 284, 285, 65_820, 65_821, 100_000])('may be %d bytes long', (size) => {
    expect(decodeMmdb(control(2, size, Buffer.alloc(size, 'x')), 0)).toBe('x'.repeat(size));
  });

  it.each([
    ['2003', 3],
    ['280005', 2053],
    ['2807ff', 4095],
    ['30000001', 526_337],
    ['3800001000', 4096],
    ['2505', 1285],
  ])('may be pointed to by %s', (pointer, target) => {
    const section = Buffer.alloc(530_000);
    section.write(pointer, 'hex');
    section.write('417a', target, 'hex');
    expect(decodeMmdb(section, 0)).toBe('z');
  });

  it('go on behind a pointer', () => {
    // Two strings, of which the first is elsewhere.
    expect(
      decodeMmdb(
        Buffer.concat([control(11, 2), pointerTo(6), control(2, 1, Buffer.from('b')), control(2, 1, Buffer.from('a'))]),
        0,
      ),
    ).toEqual(['a', 'b']);
  });

  it('cannot reach the prototype of anything', () => {
    const value = decodeMmdb(writeValue({ __proto__x: 1, constructor: 'c' }), 0);
    expect(value instanceof Map && value.get('constructor')).toBe('c');
  });
});

function writeValue(value: Writable): Buffer {
  const file = writeMmdb({ networks: [['0.0.0.0/1', value]], ipVersion: 4 });
  return file.subarray(7 + 16);
}

describe('a hostile file', () => {
  const good = writeMmdb({ networks: NETWORKS });

  /** The one record of a file that has nothing else. */
  function record(bytes: Buffer): () => unknown {
    const mmdb = new Mmdb(writeMmdb({ networks: [['0.0.0.0/1', bytes]], ipVersion: 4 }));
    return () => mmdb.lookUp('192.0.2.1') ?? mmdb.lookUp('1.2.3.4');
  }

  it.each([
    ['an array that says it has 16 million entries', Buffer.from('1f04ffffff', 'hex')],
    ['sixty of them in each other', Buffer.from('1f04ffffff'.repeat(60), 'hex')],
    ['a map that says it has 16 million entries', Buffer.from('ffffffff', 'hex')],
    ['a string that is longer than the file', Buffer.from('5fffffff', 'hex')],
    ['a pointer beyond the end', Buffer.from('3fffffffff', 'hex')],
    ['a pointer to itself', pointerTo(0)],
    ['a pointer to a pointer', Buffer.concat([pointerTo(2), pointerTo(4), control(2, 1, Buffer.from('a'))])],
    ['an array that holds itself', Buffer.concat([control(11, 1), pointerTo(0)])],
    ['a map whose key is a number', Buffer.from('e1a0a0', 'hex')],
    ['a double of 7 bytes', Buffer.from('6700000000000000', 'hex')],
    ['an integer of 5 bytes', Buffer.from('c50000000000', 'hex')],
    ['a type that is none', Buffer.from('0005', 'hex')],
    ['a data cache container', Buffer.from('0105', 'hex')],
    ['an unfinished control byte', Buffer.from('5d', 'hex')],
    ['nothing', Buffer.alloc(0)],
  ])('with %s gives a typed error', (_, bytes) => {
    expect(record(bytes)).toThrow(MmdbFormatError);
  });

  it('cannot make little of much: twelve arrays, each ten times the next', () => {
    const levels = Array.from({ length: 12 }, (_, level) => {
      const length = 2 + 10 * 2;
      return Buffer.concat([control(11, 10), ...Array<Buffer>(10).fill(pointerTo((level + 1) * length))]);
    });
    expect(record(Buffer.concat([...levels, control(2, 1, Buffer.from('x'))]))).toThrow(/more than 10000 values/);
  });

  it('cannot make much text of little', () => {
    const text = control(2, 2000, Buffer.alloc(2000, 'x'));
    const many = Buffer.concat([control(11, 1000), ...Array<Buffer>(1000).fill(pointerTo(0))]);
    const file = Buffer.concat([text, many]);
    expect(() => decodeMmdb(file, text.length)).toThrow(/bytes of text/);
  });

  it.each([
    ['has an unknown version', { binary_format_major_version: 3 }],
    ['has records of 20 bits', { record_size: 20 }],
    ['is of IP version 5', { ip_version: 5 }],
    ['has more nodes than bytes', { node_count: 4_000_000_000 }],
    ['has text for a count', { node_count: 'many' }],
    ['was built in no year', { build_epoch: 2n ** 63n }],
    ['was built after the last day that a Date can hold', { build_epoch: 8_640_000_000_001n }],
  ])('that %s is not opened', (_, metadata) => {
    expect(() => new Mmdb(writeMmdb({ networks: NETWORKS, metadata }))).toThrow(MmdbFormatError);
  });

  it('whose tree has no end, or leads into the gap before the data, gives a typed error', () => {
    const circle = writeMmdb({ networks: [['0.0.0.0/1', 'x']], ipVersion: 4 });
    circle.fill(0, 0, 7);
    expect(() => new Mmdb(circle).lookUp('1.2.3.4')).toThrow(/deeper than an address/);
    const gap = writeMmdb({ networks: [['0.0.0.0/1', 'x']], ipVersion: 4 });
    gap.set([0, 0, 5], 0);
    expect(() => new Mmdb(gap).lookUp('1.2.3.4')).toThrow(/leads to no data/);
    expect(() =>
      new Mmdb(writeMmdb({ networks: NETWORKS, metadata: { node_count: 0 } })).lookUp('1.2.3.4'),
    ).not.toThrow();
  });

  it('has its metadata in the last 128 KiB, or is not opened', () => {
    const [start, end] = [good.lastIndexOf(MARKER), good.length];
    const padding = 131_072 - (end - start);
    expect(new Mmdb(Buffer.concat([good, Buffer.alloc(padding)])).lookUp('192.0.2.1')).toBeDefined();
    expect(() => new Mmdb(Buffer.concat([good, Buffer.alloc(padding + 1)]))).toThrow(/no metadata/);
  });

  it('may have the marker any number of times: the last one counts', () => {
    const marked = writeMmdb({ networks: [['192.0.2.0/24', { name: Buffer.concat([control(2, 14), MARKER]) }]] });
    expect(new Mmdb(marked).lookUp('192.0.2.1')).toBeDefined();
    const twice = Buffer.concat([
      good.subarray(0, good.lastIndexOf(MARKER)),
      MARKER,
      good.subarray(good.lastIndexOf(MARKER)),
    ]);
    expect(nameOf(new Mmdb(twice).lookUp('192.0.2.1')?.value)).toBe('wide');
  });

  it('that is cut off anywhere is not opened', () => {
    const end = good.lastIndexOf(MARKER) + MARKER.length;
    for (let length = 0; length < good.length; length += length < end ? 7 : 1) {
      expect(() => new Mmdb(good.subarray(0, length)), `${length} bytes`).toThrow(MmdbFormatError);
    }
  });

  it('that is damaged anywhere gives an answer or a typed error', () => {
    const damage = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(damage, (places) => {
        const bad = Buffer.from(good);
        for (const [at, byte] of places) bad[at] = byte;
        answerOrTypedError(bad);
      }),
      { numRuns: 3000 },
    );
  });

  it('that is anything else gives a typed error', () => {
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.from('\x1f\x8b not unpacked'),
      MARKER,
      Buffer.concat([good, MARKER]),
    ]) {
      expect(() => new Mmdb(bytes)).toThrow(MmdbFormatError);
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => answerOrTypedError(Buffer.concat([MARKER, bytes]))),
    );
  });
});

function answerOrTypedError(file: Buffer): void {
  try {
    const mmdb = new Mmdb(file);
    for (const address of ['192.0.2.1', '192.0.2.200', '203.0.113.5', '2001:db8::1', '::1']) mmdb.lookUp(address);
  } catch (error) {
    expect(error).toBeInstanceOf(MmdbFormatError);
  }
}
