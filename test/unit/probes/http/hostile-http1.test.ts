import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { HttpProbeOptions } from '../../../../src/probes/http/http-options.js';
import { probeHttp } from '../../../../src/probes/http/probe-http.js';
import { hear, TcpServer } from '../tcp/servers.js';

const PATIENCE = 15_000;
/** For those who never come to an end. */
const SOON = 400;

/** Once the request has come. */
const answering = (talk: (socket: Socket) => void) => (socket: Socket) => {
  socket.once('data', () => talk(socket));
};

async function ask(talk: (socket: Socket) => void, options: HttpProbeOptions = {}) {
  await using server = await TcpServer.listen(talk);
  const result = await probeHttp(`http://127.0.0.1:${server.port}/`, { timeout: PATIENCE, ...options });
  await server.ended(1);
  return result;
}

/** Writes as fast as the other side reads, for as long as that does. */
function flood(socket: Socket, chunk: Buffer | string): void {
  const write = (): void => {
    while (socket.writable && socket.write(chunk)) {}
  };
  socket.on('drain', write);
  write();
}

/** Writes a little every few milliseconds. */
function dribble(socket: Socket, text: string): void {
  const timer = setInterval(() => socket.write(text), 5);
  socket.on('close', () => clearInterval(timer));
}

describe('a server that', () => {
  it('never answers is silence', async () => {
    expect(await ask(hear, { timeout: SOON })).toMatchObject({
      status: 'failed',
      failureSource: 'path',
      reason: 'timeout',
      message: `an answer did not come within ${SOON} ms`,
    });
  });

  it.each([
    ['its status line', '', 'H'],
    ['its header fields', 'HTTP/1.1 200 OK\r\n', 'a: b\r\n'],
    ['interim answers', '', 'HTTP/1.1 103 Early Hints\r\n\r\n'],
    ['its body', 'HTTP/1.1 200 OK\r\n\r\n', 'x'],
    ['chunks of its body', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', '1\r\nx\r\n'],
    ['a chunk extension', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;', 'x'],
  ])('dribbles %s has no more time than others', async (_what, head, piece) => {
    const result = await ask(
      answering((socket) => {
        socket.write(head);
        dribble(socket, piece);
      }),
      { timeout: SOON, maxHeaderBytes: 65_536 },
    );
    expect(result.status).toBe('failed');
    expect(result.reason).toMatch(/^(timeout|protocol-error)$/);
  });

  it.each([
    ['one field', 'a'],
    ['many fields', 'a: b\r\n'],
    ['a status', undefined],
  ])('sends %s without an end is cut off', async (_what, piece) => {
    const result = await ask(
      answering((socket) => {
        socket.write(piece === undefined ? 'HTTP/1.1 200 ' : 'HTTP/1.1 200 OK\r\nx: ');
        flood(socket, (piece ?? 'O').repeat(16_384));
      }),
    );
    expect(result).toMatchObject({ failureSource: 'target', reason: 'headers-too-large' });
  });

  it('sends trailers without an end is cut off', async () => {
    const result = await ask(
      answering((socket) => {
        socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n');
        flood(socket, 'a: b\r\n'.repeat(4_096));
      }),
    );
    expect(result).toMatchObject({ status: 'failed', failureSource: 'target' });
  });

  it.each([
    ['plain', 'Content-Length: 1073741824', Buffer.alloc(65_536)],
    ['without a length', 'X: y', Buffer.alloc(65_536)],
    ['in chunks', 'Transfer-Encoding: chunked', Buffer.from(`4000\r\n${'x'.repeat(16_384)}\r\n`)],
    ['encoded by nothing that decodes', 'Content-Encoding: zork', Buffer.alloc(65_536)],
  ])('sends a gigabyte, %s, is read no further than it may be', async (_what, field, chunk) => {
    let sent = 0;
    const result = await ask(
      answering((socket) => {
        socket.write(`HTTP/1.1 200 OK\r\n${field}\r\n\r\n`);
        flood(socket, chunk);
        socket.on('close', () => {
          sent = socket.bytesWritten;
        });
      }),
      { maxBodyBytes: 100_000 },
    );
    expect(result).toMatchObject({ status: 'ok', facts: { bodyBytes: 100_000, bodyTruncated: true } });
    // What two sockets hold between them.
    expect(sent).toBeLessThan(50_000_000);
  });

  it.each([
    ['of zeroes', gzipSync(Buffer.alloc(100_000_000))],
    ['of nothing', Buffer.concat(Array.from({ length: 20_000 }, () => gzipSync('')))],
  ])('sends a bomb %s has it decoded no further than it may be', async (_what, bomb) => {
    const result = await ask(
      answering((socket) =>
        socket.write(
          Buffer.concat([
            Buffer.from(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`),
            bomb,
          ]),
        ),
      ),
      { maxBodyBytes: 200_000, rejectBody: 'x' },
    );
    expect(result).toMatchObject({ status: 'ok', facts: { bodyTruncated: true } });
    expect(result.facts.decodedBytes).toBeLessThanOrEqual(200_000);
    expect(result.facts.bodyBytes).toBeLessThanOrEqual(200_000);
  });

  it.each([
    ['is none', Buffer.from('plain text')],
    ['breaks off', gzipSync('hello').subarray(0, 12)],
  ])('says gzip, and what comes %s', async (_what, body) => {
    const result = await ask(
      answering((socket) =>
        socket.end(
          Buffer.concat([
            Buffer.from(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n`),
            body,
          ]),
        ),
      ),
    );
    expect(result).toMatchObject({ failureSource: 'target', reason: 'bad-encoding', facts: { status: 200 } });
  });

  it.each([
    ['at once', (socket: Socket) => socket.resetAndDestroy()],
    ['after the request', answering((socket) => socket.resetAndDestroy())],
    [
      'in its header fields',
      answering((socket) => socket.write('HTTP/1.1 200 OK\r\na', () => socket.resetAndDestroy())),
    ],
    [
      'in its body',
      answering((socket) =>
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc', () => socket.resetAndDestroy()),
      ),
    ],
  ])('resets %s', async (_what, talk) => {
    const result = await ask(talk);
    // Linux may give an end in the place of a reset to whoever has not read all yet.
    expect(result).toMatchObject({ status: 'failed', failureSource: 'target' });
    expect(result.reason).toMatch(/^(reset|closed)$/);
  });

  it.each([
    ['at once', (socket: Socket) => hear(socket.end())],
    ['after the request', answering((socket) => socket.end())],
    ['in its header fields', answering((socket) => socket.end('HTTP/1.1 200 OK\r\na'))],
    [
      'in its body, of which it said more',
      answering((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc')),
    ],
    ['in a chunk', answering((socket) => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc'))],
    [
      'before the last chunk',
      answering((socket) => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n')),
    ],
  ])('closes %s', async (_what, talk) => {
    expect(await ask(talk)).toMatchObject({ status: 'failed', failureSource: 'target', reason: 'closed' });
  });

  it('sends more than it said is heard no longer than it said', async () => {
    const result = await ask(
      answering((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef')),
      {
        expectBody: /^abc$/,
      },
    );
    expect(result).toMatchObject({ status: 'ok', facts: { bodyBytes: 3 } });
  });

  it.each([
    ['no HTTP at all', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['another version', 'HTTP/9.9 200 OK\r\n\r\n'],
    ['a status of letters', 'HTTP/1.1 abc OK\r\n\r\n'],
    ['TLS', '\x15\x03\x01\x00\x02\x02\x16'],
    ['a field with a control character', 'HTTP/1.1 200 OK\r\na: b\x00c\r\n\r\n'],
    ['a field without a name', 'HTTP/1.1 200 OK\r\n: c\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    ['a length of letters', 'HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nab'],
    ['a negative length', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nab'],
    ['a length beyond all numbers', 'HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\nab'],
    ['a chunk length of letters', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n'],
    [
      'a chunk that is longer than it says',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n',
    ],
    [
      'a chunk length beyond all numbers',
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${'f'.repeat(20)}\r\nabc\r\n`,
    ],
  ])('answers with %s', async (_what, text) => {
    const result = await ask(answering((socket) => socket.write(Buffer.from(text, 'latin1'))));
    expect(result).toMatchObject({ status: 'failed', failureSource: 'target', reason: 'protocol-error' });
    expect(result.message).toMatch(/^the answer is not HTTP: [\x20-\x7e]+$/);
  });

  it('changes to another protocol unasked has answered', async () => {
    const talk = answering((socket) =>
      socket.write('HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: zork\r\n\r\nzzz'),
    );
    expect(await ask(talk)).toMatchObject({ reason: 'unexpected-status', facts: { status: 101, bodyBytes: 0 } });
  });

  it('says what would move a cursor is shown without that', async () => {
    const result = await ask(
      answering((socket) =>
        socket.end(
          Buffer.from(
            'HTTP/1.1 302 Found\r\nServer: \x9b31m\u00ad\\evil\r\nLocation: data:\x9b\r\nContent-Length: 0\r\n\r\n',
            'latin1',
          ),
        ),
      ),
    );
    expect(result.facts.headers).toMatchObject({ server: '\\x9b31m\\xad\\\\evil', location: 'data:\\x9b' });
    expect(result.message).toContain('data:\\x9b');
    expect(JSON.stringify(result)).toMatch(/^[\x20-\x7e]*$/);
  });

  it('sends long header fields has them shown in part', async () => {
    const talk = answering((socket) =>
      socket.end(`HTTP/1.1 200 OK\r\nServer: ${'s'.repeat(9_000)}\r\nContent-Length: 0\r\n\r\n`),
    );
    const { facts } = await ask(talk);
    expect(facts.headers?.['server']).toHaveLength(256);
  });

  it.each([
    [1_000, 2_000, 'headers-too-large'],
    [65_536, 30_000, undefined],
  ])('may have a head of %i bytes and has %i', async (maxHeaderBytes, length, reason) => {
    const talk = answering((socket) =>
      socket.end(`HTTP/1.1 200 OK\r\nx: ${'s'.repeat(length)}\r\nContent-Length: 0\r\n\r\n`),
    );
    expect((await ask(talk, { maxHeaderBytes })).reason).toBe(reason);
  });

  it('makes an expression take for ever is found out', async () => {
    const talk = answering((socket) => socket.end(`HTTP/1.1 200 OK\r\n\r\n${'a'.repeat(40)}!`));
    expect(await ask(talk, { expectBody: /^(a+)+$/ })).toMatchObject({
      status: 'inconclusive',
      reason: 'pattern-too-slow',
    });
  });
});
