import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { failedBy } from '../failure.js';
import { ProbeFailedError } from '../probe-failed-error.js';
import { type HttpAnswer, headersOf, type RequestProgress } from './answer.js';
import { type HttpRequest, lengthOf } from './http-request.js';
import { outliveStream } from './outlive-stream.js';

/** A conversation by HTTP/2. */
export interface Http2Conversation {
  /** Whether the server has said how it speaks (RFC 9113 section 3.4: its first frame are its SETTINGS). */
  readonly isSettled: boolean;
  /** @throws {Error} as `node:http2` has it. */
  ask(request: HttpRequest, progress: RequestProgress): Promise<HttpAnswer>;
  /** Destroys the socket; resolves when all is over. */
  close(): Promise<void>;
}

/** Begins to speak HTTP/2 over a socket that is connected already, for one request. */
export function beginHttp2(
  socket: Socket,
  { url: { origin }, body }: HttpRequest,
  maxHeaderBytes: number,
): Http2Conversation {
  const before = listenersOf(socket);
  const session = connect(origin, {
    createConnection: () => socket,
    settings: { enablePush: false, maxHeaderListSize: maxHeaderBytes },
    maxHeaderListPairs: 256,
    // Megabytes, for everything that a peer can make us hold. What is still to be sent counts as well.
    maxSessionMemory: 4 + Math.ceil(lengthOf(body ?? '') / 1_000_000),
  });
  let isSettled = false;
  let farewell: number | undefined;
  let stream: ClientHttp2Stream | undefined;
  let letGo = (): unknown => undefined;
  session.once('remoteSettings', () => {
    isSettled = true;
  });
  session.on('goaway', (code) => {
    farewell = code;
  });
  // What befalls a session befalls its streams as well, and those tell it.
  session.on('error', () => {});
  return {
    get isSettled() {
      return isSettled;
    },
    ask: (request, progress) => {
      stream = open(session, request);
      letGo = outliveStream(session, stream);
      const endOf = (error?: Error): Error =>
        reasonOf({ error, code: stream?.rstCode ?? 0, farewell, socket, maxHeaderBytes });
      return answerOf(stream, request, maxHeaderBytes, progress, endOf);
    },
    close: async () => {
      // A stream is freed in the turn after the one that destroys it, and before its session. But where a part of it is still being written,
      // it would be the garbage collector, or the end of the process, that frees the two in any order; so writing ends first, and the
      // session hears nothing of that.
      for (const listener of listenersOf(socket)) if (!before.includes(listener)) socket.off('close', listener);
      await closed(socket);
      stream?.destroy();
      await turn();
      if (stream?.readableEnded === true) letGo();
      session.destroy();
    },
  };
}

type CloseListener = (hadError: boolean) => void;

function listenersOf(socket: Socket): readonly CloseListener[] {
  return socket.listeners('close').filter((each): each is CloseListener => typeof each === 'function');
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once('close', () => resolve()).destroy();
  });
}

function open(session: ClientHttp2Session, { url, method, headers, body }: HttpRequest): ClientHttp2Stream {
  const { host = url.authority, ...fields } = headers;
  const scheme = url.isSecure ? 'https' : 'http';
  const head = { ':method': method, ':path': url.path, ':authority': host, ':scheme': scheme, ...fields };
  return session.request(head, { endStream: body === undefined });
}

function answerOf(
  stream: ClientHttp2Stream,
  { body }: HttpRequest,
  maxHeaderBytes: number,
  progress: RequestProgress,
  endOf: (error?: Error) => Error,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    if (body === undefined) stream.once('ready', () => progress.sent());
    else stream.once('finish', () => progress.sent()).end(body);
    stream.on('error', (error) => reject(endOf(error)));
    stream.once('close', () => reject(endOf()));
    stream.once('response', (answer) => {
      progress.firstByte();
      const headers = headersOf(answer);
      // Before the server has agreed to our SETTINGS, Node.js takes 65,535 bytes.
      if (sizeOf(headers) > maxHeaderBytes) reject(tooLarge(maxHeaderBytes));
      const { ':status': status = 0 } = answer;
      resolve({
        status,
        httpVersion: '2',
        headers,
        body: stream,
        // A stream that is cancelled ends as one that is complete (lib/internal/http2/core.js, Http2Stream._destroy).
        whyIncomplete: (error) =>
          error === undefined && stream.rstCode === constants.NGHTTP2_NO_ERROR ? undefined : endOf(error),
      });
    });
  });
}

interface Ending {
  readonly error: Error | undefined;
  /** With which the stream was closed. */
  readonly code: number;
  /** With which the server took its leave, if it did. */
  readonly farewell: number | undefined;
  readonly socket: Socket;
  readonly maxHeaderBytes: number;
}

/** Why a stream ended; the error alone does not tell, and for one that is cancelled there is none. */
function reasonOf({ error, code, farewell, socket, maxHeaderBytes }: Ending): Error {
  if (farewell !== undefined) {
    return new ProbeFailedError(
      failedBy('target', 'goaway', `the server ended the HTTP/2 connection: ${nameOf(farewell)}`),
    );
  }
  if (socket.errored !== null) return socket.errored;
  if (code === constants.NGHTTP2_ENHANCE_YOUR_CALM) return tooLarge(maxHeaderBytes);
  if (error !== undefined && !isReset(error) && !isBreakOff(error)) return error;
  // With its connection, Node.js cancels a stream itself.
  if (code === constants.NGHTTP2_NO_ERROR || (code === constants.NGHTTP2_CANCEL && socket.destroyed)) {
    return new ProbeFailedError(
      failedBy('target', 'closed', 'the connection was closed before the answer was complete'),
    );
  }
  return new ProbeFailedError(
    failedBy('target', 'stream-reset', `the server reset the HTTP/2 stream: ${nameOf(code)}`),
  );
}

function tooLarge(maxHeaderBytes: number): Error {
  return new ProbeFailedError(
    failedBy('target', 'headers-too-large', `the head of the answer is longer than ${maxHeaderBytes} bytes`),
  );
}

/** As RFC 9113 section 6.5.2 counts. */
function sizeOf(headers: ReadonlyMap<string, string>): number {
  return [...headers].reduce((size, [name, value]) => size + name.length + value.length + 32, 0);
}

function isReset(error: Error): boolean {
  return 'code' in error && error.code === 'ERR_HTTP2_STREAM_ERROR';
}

function isBreakOff(error: Error): boolean {
  return 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
}

/** RFC 9113 section 7. */
const NAMES = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
] as const;

function nameOf(code: number): string {
  return NAMES[code] ?? `error ${code}`;
}
