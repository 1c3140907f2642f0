import { execFile } from 'node:child_process';
import { constants } from 'node:http2';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { probeHttp } from '../../../../src/probes/http/probe-http.js';
import { hear, TcpServer } from '../tcp/servers.js';
import {
  CONTINUATION,
  DATA,
  END_HEADERS,
  END_STREAM,
  frame,
  GOAWAY,
  HEADERS,
  numbers,
  RST_STREAM,
  SETTINGS,
  SETTINGS_ACK,
  STATUS_200,
} from './frames.js';
import { serveHttp2 } from './servers.js';

const timeout = 15_000;
const SOON = 400;

/** Once the client has begun. */
async function ask(
  talk: (socket: Socket) => void,
  options: { readonly timeout?: number; readonly maxBodyBytes?: number } = {},
) {
  await using server = await TcpServer.listen((socket) => {
    hear(socket);
    socket.once('data', () => talk(socket));
  });
  const result = await probeHttp(`http://127.0.0.1:${server.port}/`, { version: '2', timeout, ...options });
  await server.ended(1);
  return result;
}

describe('a server that speaks HTTP/2 and', () => {
  it('answers frame by frame is understood', async () => {
    const answer = [
      SETTINGS,
      SETTINGS_ACK,
      frame(HEADERS, END_HEADERS, 1, STATUS_200),
      frame(DATA, END_STREAM, 1, Buffer.from('abc')),
    ];
    expect(await ask((socket) => socket.write(Buffer.concat(answer)))).toMatchObject({
      status: 'ok',
      facts: { bodyBytes: 3 },
    });
  });

  it('never says a word is silence', async () => {
    expect(await ask(() => {}, { timeout: SOON })).toMatchObject({
      failureSource: 'path',
      reason: 'timeout',
      message: `a frame of HTTP/2 did not come within ${SOON} ms`,
    });
  });

  it('says SETTINGS and nothing else is silence', async () => {
    expect(await ask((socket) => socket.write(SETTINGS), { timeout: SOON })).toMatchObject({
      failureSource: 'path',
      reason: 'timeout',
      message: `an answer did not come within ${SOON} ms`,
    });
  });

  it.each([
    ['other than SETTINGS first', [frame(HEADERS, END_HEADERS, 1, STATUS_200)]],
    ['of another protocol', [Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')]],
    ['of a stream that is none', [SETTINGS, frame(HEADERS, END_HEADERS, 2, STATUS_200)]],
    ['without a status', [SETTINGS, frame(HEADERS, END_HEADERS | END_STREAM, 1, Buffer.from([0x84]))]],
  ])('sends a frame %s', async (_what, frames) => {
    const result = await ask((socket) => socket.write(Buffer.concat(frames)));
    expect(result).toMatchObject({ status: 'failed', failureSource: 'target' });
    expect(result.reason).toMatch(/^(protocol-error|stream-reset|goaway)$/);
  });

  // Here node:http2 of Node.js 20 takes its leave without telling us, and hears no more.
  it.each([
    [
      'with headers that cannot be decoded',
      [SETTINGS, frame(HEADERS, END_HEADERS, 1, Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff]))],
    ],
    ['longer than allowed', [SETTINGS, frame(DATA, 0, 1, Buffer.alloc(20_000))]],
  ])('sends a frame %s has no more time than others', async (_what, frames) => {
    const result = await ask((socket) => socket.write(Buffer.concat(frames)), { timeout: SOON });
    expect(result.status).toBe('failed');
    expect(result.reason).toMatch(/^(timeout|protocol-error)$/);
  });

  it.each([
    ['with an error', constants.NGHTTP2_INTERNAL_ERROR, 'INTERNAL_ERROR'],
    ['politely', constants.NGHTTP2_NO_ERROR, 'NO_ERROR'],
  ])('says goodbye %s', async (_what, code, name) => {
    const talk = (socket: Socket) => socket.end(Buffer.concat([SETTINGS, frame(GOAWAY, 0, 0, numbers(0, code))]));
    expect(await ask(talk)).toMatchObject({
      failureSource: 'target',
      reason: 'goaway',
      message: `the server ended the HTTP/2 connection: ${name}`,
    });
  });

  it.each([
    ['refuses it', constants.NGHTTP2_REFUSED_STREAM, 'REFUSED_STREAM'],
    ['cancels it', constants.NGHTTP2_CANCEL, 'CANCEL'],
    ['fails', constants.NGHTTP2_INTERNAL_ERROR, 'INTERNAL_ERROR'],
    ['wants HTTP/1.1', constants.NGHTTP2_HTTP_1_1_REQUIRED, 'HTTP_1_1_REQUIRED'],
  ])('resets the stream because it %s', async (_what, code, name) => {
    const talk = (socket: Socket) => socket.write(Buffer.concat([SETTINGS, frame(RST_STREAM, 0, 1, numbers(code))]));
    expect(await ask(talk)).toMatchObject({
      failureSource: 'target',
      reason: 'stream-reset',
      message: `the server reset the HTTP/2 stream: ${name}`,
    });
  });

  it.each([
    ['with an error', constants.NGHTTP2_INTERNAL_ERROR],
    ['by cancelling', constants.NGHTTP2_CANCEL],
  ])('resets the stream in its body, %s', async (_what, code) => {
    const frames = [SETTINGS, frame(HEADERS, END_HEADERS, 1, STATUS_200), frame(DATA, 0, 1, Buffer.from('abc'))];
    const talk = (socket: Socket) => socket.write(Buffer.concat([...frames, frame(RST_STREAM, 0, 1, numbers(code))]));
    const result = await ask(talk);
    expect(result).toMatchObject({ status: 'failed', failureSource: 'target', facts: { status: 200 } });
    expect(result.reason).toMatch(/^(stream-reset|closed)$/);
  });

  it.each([
    ['without an answer', [SETTINGS]],
    ['in its body', [SETTINGS, frame(HEADERS, END_HEADERS, 1, STATUS_200), frame(DATA, 0, 1, Buffer.from('abc'))]],
  ])('closes %s', async (_what, frames) => {
    const result = await ask((socket) => socket.end(Buffer.concat(frames)));
    expect(result).toMatchObject({ status: 'failed', failureSource: 'target', reason: 'closed' });
  });

  it.each([
    ['without an answer', [SETTINGS]],
    ['in its body', [SETTINGS, frame(HEADERS, END_HEADERS, 1, STATUS_200)]],
  ])('resets the connection %s', async (_what, frames) => {
    const result = await ask((socket) => socket.write(Buffer.concat(frames), () => socket.resetAndDestroy()));
    expect(result).toMatchObject({ status: 'failed', failureSource: 'target' });
    expect(result.reason).toMatch(/^(reset|closed)$/);
  });

  it('sends header fields without an end is cut off', async () => {
    // A field without indexing: name "a", value of 100 bytes.
    const field = Buffer.concat([Buffer.from([0x00, 0x01, 0x61, 0x64]), Buffer.alloc(100, 0x62)]);
    const fields = Buffer.concat(Array.from({ length: 100 }, () => field));
    const result = await ask((socket) => {
      socket.write(Buffer.concat([SETTINGS, frame(HEADERS, 0, 1, Buffer.concat([STATUS_200, fields]))]));
      const write = (): void => {
        while (socket.writable && socket.write(frame(CONTINUATION, 0, 1, fields))) {}
      };
      socket.on('drain', write);
      write();
    });
    expect(result).toMatchObject({ status: 'failed', failureSource: 'target' });
    expect(result.reason).toMatch(/^(headers-too-large|protocol-error|stream-reset|reset|closed)$/);
  });

  it('sends header fields that are larger than allowed', async () => {
    await using server = await serveHttp2((_request, response) => {
      for (let index = 0; index < 40; index += 1) response.setHeader(`x-${index}`, 'v'.repeat(1_000));
      response.end();
    });
    const result = await probeHttp(`http://127.0.0.1:${server.port}/`, { version: '2', timeout });
    expect(result).toMatchObject({ failureSource: 'target', reason: 'headers-too-large' });
  });

  it('sends a gigabyte is read no further than it may be', async () => {
    await using server = await serveHttp2((_request, response) => {
      response.on('error', () => {});
      const write = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536))) {}
      };
      response.on('drain', write);
      write();
    });
    const result = await probeHttp(`http://127.0.0.1:${server.port}/`, {
      version: '2',
      timeout,
      maxBodyBytes: 100_000,
    });
    expect(result).toMatchObject({ status: 'ok', facts: { bodyBytes: 100_000, bodyTruncated: true } });
  });

  it('lies about the length', async () => {
    // `content-length: 9`, index 28 of the static table.
    const head = Buffer.concat([STATUS_200, Buffer.from([0x0f, 0x0d, 0x01, 0x39])]);
    const frames = [SETTINGS, frame(HEADERS, END_HEADERS, 1, head), frame(DATA, END_STREAM, 1, Buffer.from('abc'))];
    const result = await ask((socket) => socket.write(Buffer.concat(frames)));
    expect(result).toMatchObject({ status: 'failed', failureSource: 'target' });
  });

  it('answers before it has heard a body of megabytes has answered', async () => {
    await using server = await serveHttp2((_request, response) => {
      response.on('error', () => {});
      response.end('early');
    });
    const body = new Uint8Array(20_000_000);
    const result = await probeHttp(`http://127.0.0.1:${server.port}/`, { version: '2', timeout, method: 'POST', body });
    expect(result).toMatchObject({ status: 'ok', facts: { bodyBytes: 5 } });
  });

  it.each([
    ['by a frame that breaks the rules', 'breaks-the-rules'],
    ['and does not read the body', 'does-not-read'],
  ])('breaks off within its header fields %s does not end the process', async (_what, attack) => {
    const program = fileURLToPath(new URL('./collected-sessions.ts', import.meta.url));
    const argv = ['--expose-gc', '--import', 'tsx', program, attack];
    const { stdout } = await promisify(execFile)(process.execPath, argv);
    expect(stdout).toBe('survived');
  });
});
