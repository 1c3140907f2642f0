import { createSocket } from 'node:dgram';
import type { Answer } from 'dns-packet';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { probeDns } from '../../../../src/probes/dns/index.js';
import { MOST_ANSWERS, readMessage } from '../../../../src/probes/dns/message.js';
import { ADDRESS, answerTo, CleanUps, framed, serveTcp, serveUdp } from './name-server.js';

const cleanUps = new CleanUps();
afterEach(() => cleanUps.run());

const QUESTION = { name: 'example.com', type: 1 };

/** Changes the right answer to a query. */
type Spoil = (answer: Buffer, query: Buffer) => Buffer;

const wrongId: Spoil = (answer) => edited(answer, (copy) => copy.writeUInt16BE(copy.readUInt16BE(0) ^ 1, 0));
const wrongName: Spoil = (answer) => edited(answer, (copy) => copy.write('f', 13, 'latin1'));
const wrongType: Spoil = (answer) => edited(answer, (copy) => copy.writeUInt16BE(28, 25));
const wrongClass: Spoil = (answer) => edited(answer, (copy) => copy.writeUInt16BE(3, 27));
const noQuestion: Spoil = (_answer, query) => answerTo(query, [ADDRESS], { questions: [] });
const noResponse: Spoil = (answer) => edited(answer, (copy) => copy.writeUInt8(copy.readUInt8(2) & 0x7f, 2));
const otherOpcode: Spoil = (answer) => edited(answer, (copy) => copy.writeUInt8(copy.readUInt8(2) | 0x20, 2));
/** With a record behind it that cannot be read: what is not ours is not read any further. */
const wrongAndUnreadable: Spoil = (answer, query) => wrongName(pointerLoop(answer, query), query);
const wrongAndLying: Spoil = (answer, query) => wrongName(countsLie(answer, query), query);
const tooShort: Spoil = (answer) => answer.subarray(0, 11);

const countsLie: Spoil = (answer) => edited(answer, (copy) => copy.writeUInt16BE(65_535, 6));
const authorityLies: Spoil = (answer) => edited(answer, (copy) => copy.writeUInt16BE(1, 8));
const lengthLies: Spoil = (answer) => edited(answer, (copy) => copy.writeUInt16BE(5_000, copy.length - 6));
const lengthTooShort: Spoil = (answer) =>
  edited(answer, (copy) => copy.writeUInt16BE(3, copy.length - 6)).subarray(0, -1);
const cutOff: Spoil = (answer) => answer.subarray(0, -1);
const badLabel: Spoil = (answer) => edited(answer, (copy) => copy.writeUInt8(0x80, 29));
/** The name of the first record, behind header and question. */
const pointerLoop: Spoil = (answer) => withPointer(answer, 29);
const pointerAhead: Spoil = (answer) => withPointer(answer, 40);
const pointerBeyond: Spoil = (answer) => withPointer(answer, 0x3fff);

function edited(answer: Buffer, edit: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(answer);
  edit(copy);
  return copy;
}

/** The record's name, which is 13 bytes long, becomes a pointer. */
function withPointer(answer: Buffer, target: number): Buffer {
  const pointer = Buffer.alloc(2);
  pointer.writeUInt16BE(0xc000 | target);
  return Buffer.concat([answer.subarray(0, 29), pointer, answer.subarray(42)]);
}

describe('what is no answer to the query', () => {
  const FOREIGN = {
    wrongId,
    wrongName,
    wrongType,
    wrongClass,
    noQuestion,
    noResponse,
    otherOpcode,
    tooShort,
    wrongAndUnreadable,
    wrongAndLying,
  };

  it.each(Object.entries(FOREIGN))('is passed over by UDP: %s', async (_name, spoil) => {
    const server = await serveUdp(cleanUps, (query, send) => {
      const answer = answerTo(query, [{ ...ADDRESS, data: '192.0.2.66' }]);
      send(spoil(answer, query));
      send(spoil(answer, query));
      send(answerTo(query, [ADDRESS]));
    });
    expect(await probeDns('example.com', { server, expect: ['192.0.2.1'] })).toMatchObject({
      status: 'ok',
      facts: { ignored: 2, answerCount: 1 },
    });
  });

  it.each(Object.entries(FOREIGN))('is passed over by TCP: %s', async (_name, spoil) => {
    const server = await serveTcp(cleanUps, (socket) =>
      socket.once('data', (framedQuery) => {
        const query = framedQuery.subarray(2);
        const answer = answerTo(query, [ADDRESS]);
        socket.write(Buffer.concat([framed(spoil(answer, query)), framed(answer)]));
      }),
    );
    expect(await probeDns('example.com', { server, transport: 'tcp' })).toMatchObject({
      status: 'ok',
      facts: { ignored: 1 },
    });
  });

  it('is told of where nothing else comes', async () => {
    const server = await serveUdp(cleanUps, (query, send) => send(wrongId(answerTo(query, [ADDRESS]), query)));
    const result = await probeDns('example.com', { server, timeout: 100 });
    expect(result).toMatchObject({ status: 'failed', failureSource: 'path', reason: 'timeout', facts: { ignored: 1 } });
    expect(result.message).toContain('only 1 that is none to this query');
  });

  it('does not even arrive where it comes from another port', async () => {
    const server = await serveUdp(cleanUps, (query, send, from) => {
      const socket = createSocket('udp4');
      socket.send(answerTo(query, [{ ...ADDRESS, data: '192.0.2.66' }]), from.port, '127.0.0.1', () => {
        socket.close();
        send(answerTo(query, [ADDRESS]));
      });
    });
    const { status, facts } = await probeDns('example.com', { server });
    expect([status, facts.ignored, facts.answers[0]?.data]).toEqual(['ok', 0, '192.0.2.1']);
  });
});

describe('an answer that cannot be read', () => {
  it.each(
    Object.entries({
      countsLie,
      authorityLies,
      lengthLies,
      lengthTooShort,
      cutOff,
      badLabel,
      pointerLoop,
      pointerAhead,
      pointerBeyond,
    }),
  )('is malformed: %s', async (_name, spoil) => {
    const udp = await serveUdp(cleanUps, (query, send) => send(spoil(answerTo(query, [ADDRESS]), query)));
    const tcp = await serveTcp(cleanUps, (socket) =>
      socket.once('data', (query) => socket.write(framed(spoil(answerTo(query.subarray(2), [ADDRESS]), query)))),
    );
    for (const options of [{ server: udp }, { server: tcp, transport: 'tcp' as const }]) {
      const result = await probeDns('example.com', options);
      expect(result).toMatchObject({
        status: 'failed',
        failureSource: 'target',
        reason: 'malformed-answer',
        samples: [],
      });
      expect(result.facts.answers).toEqual([]);
    }
  });

  it('may be cut off anywhere where it says that it is truncated', async () => {
    const server = await serveUdp(cleanUps, (query, send) =>
      send(cutOff(answerTo(query, [ADDRESS, ADDRESS], { flags: 0x380 }), query)),
    );
    const { facts } = await probeDns('example.com', { server, fallbackToTcp: false });
    expect(facts).toMatchObject({ truncated: true, answers: [{ data: '192.0.2.1' }] });
  });

  it('has no more of its records followed through a chain of pointers than 256', () => {
    const message = pointerChain();
    expect(message.length).toBeGreaterThan(65_000);
    const reading = readMessage(message, { name: '.', type: 2 }, () => true);
    expect(reading.kind === 'answer' && reading.message.answers.length).toBe(MOST_ANSWERS);
    expect(reading.kind === 'answer' && reading.message.answerCount).toBeGreaterThan(3_000);
  });

  it.each([
    ['SSHFP with a hash of another kind', 44, '0403abcd', 'SSHFP', '\\# 4 0403ABCD'],
    ['SSHFP that is cut off', 44, '04', 'SSHFP', '\\# 1 04'],
    ['DNSKEY of another protocol', 48, '0100040dabcd', 'DNSKEY', '\\# 6 0100040DABCD'],
  ])('is not a %s: that is told in hexadecimal', async (_what, number, hex, type, data) => {
    const server = await serveUdp(cleanUps, (query, send) => {
      const record: Answer = { type: 'NULL', name: 'example.com', data: Buffer.from(hex, 'hex') };
      const answer = answerTo(query, [ADDRESS, record]);
      // The type of the last record, in front of its class, TTL, length and data.
      answer.writeUInt16BE(number, answer.length - hex.length / 2 - 10);
      send(answer);
    });
    const { status, facts } = await probeDns('example.com', { server });
    expect([status, facts.answers[1]]).toEqual(['ok', { name: 'example.com', type, ttl: 0, data }]);
  });

  it('is all that random bytes are, and nothing throws', () => {
    const query = Buffer.from('000100000001000000000000076578616d706c6503636f6d0000010001', 'hex');
    const answers: readonly Answer[] = [
      ADDRESS,
      { type: 'MX', name: 'example.com', data: { preference: 1, exchange: 'a.example.com' } },
      { type: 'TXT', name: 'example.com', data: ['one', 'two'] },
      { type: 'SOA', name: 'example.com', data: { mname: 'a', rname: 'b.c' } },
      { type: 'CAA', name: 'example.com', data: { tag: 'issue', value: 'ca.example' } },
      { type: 'NSEC', name: 'example.com', data: { nextDomain: 'a.example.com', rrtypes: ['A', 'MX'] } },
      {
        type: 'NAPTR',
        name: 'example.com',
        data: { order: 1, preference: 2, flags: 'u', services: 's', regexp: '!a!b!', replacement: '.' },
      },
    ];
    const valid = answerTo(query, answers);
    const change = fc.tuple(fc.nat(valid.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 8 }), fc.nat(valid.length), (changes, length) => {
        const message = Buffer.from(valid);
        for (const [at, byte] of changes) message.writeUInt8(byte, at);
        const { kind } = readMessage(
          message.subarray(0, valid.length - (length % 3 === 0 ? length : 0)),
          QUESTION,
          () => true,
        );
        expect(['answer', 'foreign', 'malformed']).toContain(kind);
      }),
      { numRuns: 2_000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        const message = Buffer.from(bytes);
        expect(['foreign', 'malformed', 'answer']).toContain(readMessage(message, QUESTION, () => true).kind);
      }),
    );
  });
});

describe('text of others', () => {
  it('is safe to print, and still stands for its bytes alone', async () => {
    const server = await serveUdp(cleanUps, (query, send) => {
      const name = 'x.example.com';
      const answer = answerTo(query, [
        { type: 'CNAME', name: 'example.com', data: name },
        { type: 'TXT', name, data: ['\x1b[31mred\x07', 'a"b\\c\r\n', 'ü'] },
        { type: 'CAA', name, data: { flags: 0, tag: 'issue', value: 'a"b\x1b.example' } },
      ]);
      // In place of the label "x" once a dot, once an escape character.
      const first = answer.indexOf('\x01x\x07example');
      answer.writeUInt8(0x2e, first + 1);
      answer.writeUInt8(0x1b, answer.indexOf('\x01x\x07example') + 1);
      send(answer);
    });
    const { facts } = await probeDns('example.com', { server, type: 'ANY' });
    expect(facts.answers).toEqual([
      { name: 'example.com', type: 'CNAME', ttl: 0, data: '\\..example.com' },
      { name: '\\027.example.com', type: 'TXT', ttl: 0, data: '\\027[31mred\\007a"b\\\\c\\013\\010\\195\\188' },
      { name: 'x.example.com', type: 'CAA', ttl: 0, data: '0 issue "a\\"b\\027.example"' },
    ]);
  });

  it('is kept in part where it is long', async () => {
    const data = Array.from({ length: 100 }, () => 'a'.repeat(255));
    const server = await serveTcp(cleanUps, (socket) =>
      socket.once('data', (query) =>
        socket.write(framed(answerTo(query.subarray(2), [{ type: 'TXT', name: 'example.com', data }]))),
      ),
    );
    const options = { server, transport: 'tcp', type: 'TXT', expect: [data.join('')] } as const;
    const { status, facts } = await probeDns('example.com', options);
    expect([status, facts.answers[0]?.data.length]).toEqual(['ok', 2_048]);
  });
});

describe('a server by TCP', () => {
  it('may send byte by byte', async () => {
    const server = await serveTcp(cleanUps, (socket) =>
      socket.once('data', async (query) => {
        socket.setNoDelay(true);
        for (const byte of framed(answerTo(query.subarray(2), [ADDRESS]))) {
          await new Promise((resolve) => socket.write(Buffer.from([byte]), resolve));
        }
      }),
    );
    expect(await probeDns('example.com', { server, transport: 'tcp' })).toMatchObject({ status: 'ok' });
  });

  it.each([
    ['promises more than it sends, and closes', (message: Buffer) => framed(message, 65_535), 'closed'],
    ['promises less than it sends', (message: Buffer) => framed(message, message.length - 4), 'malformed-answer'],
    ['closes', () => Buffer.alloc(0), 'closed'],
    ['sends half of a length', () => Buffer.from([0]), 'closed'],
  ])('that %s has failed', async (_what, frame, reason) => {
    const server = await serveTcp(cleanUps, (socket) =>
      socket.once('data', (query) => socket.end(frame(answerTo(query.subarray(2), [ADDRESS])))),
    );
    const result = await probeDns('example.com', { server, transport: 'tcp' });
    expect(result).toMatchObject({ status: 'failed', failureSource: 'target', reason });
  });

  it('may send 64 KiB', async () => {
    const answers = Array.from(
      { length: 2_425 },
      (_, index): Answer => ({ ...ADDRESS, data: `192.0.${index >> 8}.${index & 255}` }),
    );
    const server = await serveTcp(cleanUps, (socket) =>
      socket.once('data', (query) => socket.write(framed(answerTo(query.subarray(2), answers)))),
    );
    const { status, facts } = await probeDns('example.com', { server, transport: 'tcp', minAnswers: 2_425 });
    expect([status, facts.answerCount, facts.answers.length, facts.responseBytes]).toEqual(['ok', 2_425, 256, 65_504]);
  });

  it.each([
    ['zeros', Buffer.alloc(65_536)],
    ['other messages', framed(Buffer.alloc(65_000, 7))],
  ])('that sends a gigabyte of %s is stopped', async (_what, chunk) => {
    let sent = 0;
    const server = await serveTcp(cleanUps, (socket) => {
      const pour = () => {
        while (sent < 2 ** 30 && !socket.destroyed) {
          sent += chunk.length;
          if (!socket.write(chunk)) return void socket.once('drain', pour);
        }
      };
      socket.once('data', pour);
    });
    const result = await probeDns('example.com', { server, transport: 'tcp' });
    expect(result).toMatchObject({ status: 'failed', failureSource: 'target', reason: 'malformed-answer' });
    expect(sent).toBeLessThan(2 ** 25);
  });

  it.each(['tcp', 'tls'] as const)('that never says a word costs no more than the time: %s', async (transport) => {
    const server = await serveTcp(cleanUps, () => {});
    const result = await probeDns('example.com', { server, transport, timeout: 100 });
    expect(result).toMatchObject({ status: 'failed', failureSource: 'path', reason: 'timeout' });
    expect(Object.keys(result.timings)).toEqual(['connect']);
  });

  it('that speaks something else than TLS has failed', async () => {
    const server = await serveTcp(cleanUps, (socket) => void socket.end('SSH-2.0-hello\r\n'));
    expect(await probeDns('example.com', { server, transport: 'tls' })).toMatchObject({
      status: 'failed',
      failureSource: 'target',
      reason: 'tls-failed',
    });
  });
});

/** A message of thousands of records, each of which points to the end of a chain of thousands of pointers. */
function pointerChain(): Buffer {
  const message = Buffer.alloc(65_535);
  message.writeUInt16BE(0x8180, 2);
  message.writeUInt16BE(1, 4);
  message.writeUInt16BE(2, 13);
  message.writeUInt16BE(1, 15);
  const chain = 28;
  message.writeUInt16BE(65_280, 18);
  message.writeUInt16BE(16_352, 26);
  let target = 12;
  for (let at = chain; at < chain + 16_352; at += 2) {
    message.writeUInt16BE(0xc000 | target, at);
    target = at;
  }
  let end = chain + 16_352;
  let count = 1;
  for (; end + 14 <= message.length; end += 14) {
    message.writeUInt16BE(0xc000 | target, end);
    message.writeUInt16BE(2, end + 2);
    message.writeUInt16BE(2, end + 10);
    message.writeUInt16BE(0xc000 | target, end + 12);
    count += 1;
  }
  message.writeUInt16BE(count, 6);
  return message.subarray(0, end);
}
