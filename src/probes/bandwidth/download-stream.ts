import type { Socket } from 'node:net';
import { toError } from '../../errors/index.js';
import { failedBy } from '../failure.js';
import { type ResponseHead, readFinalHead } from './response-head.js';
import { failureOfRequest, failureOfStatus, headersFor, type ServerAccess } from './server-access.js';
import type { Stream, StreamListener } from './stream.js';
import { MEGABYTE, TEST_PATH } from './wire.js';

/**
 * Downloads so many bytes, of whole megabytes; that the server gives less is its right.
 *
 * Not by `node:http`, which takes a new buffer for each 64 KiB: of a busy processor it takes four times as much for each byte as what is read
 * into one and the same, and a fast link is then not filled.
 */
export function openDownload(access: ServerAccess, bytes: number, listener: StreamListener): Stream {
  const reader = new DownloadReader(bytes, listener);
  const buffer = Buffer.allocUnsafeSlow(BUFFER_LENGTH);
  let socket: Socket;
  try {
    socket = access.local.connect(access.address, access.port, {
      buffer,
      callback: (length) => {
        reader.read(buffer.subarray(0, length));
        return true;
      },
    });
  } catch (error) {
    listener.failed(failureOfRequest(toError(error)));
    return { destroy: () => {} };
  }
  socket.once('connect', () => listener.started(socket));
  socket.on('error', (error) => listener.failed(failureOfRequest(error)));
  socket.once('close', () => reader.end());
  socket.write(requestFor(access, bytes));
  return { destroy: () => void socket.destroy() };
}

/** As much as a processor keeps near. */
const BUFFER_LENGTH = 2 ** 18;

function requestFor(access: ServerAccess, bytes: number): string {
  const fields = Object.entries({ ...headersFor(access), Connection: 'close' });
  const lines = [
    `GET ${TEST_PATH}?size=${bytes / MEGABYTE} HTTP/1.1`,
    ...fields.map(([name, value]) => `${name}: ${value}`),
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

class DownloadReader {
  readonly #asked: number;
  readonly #listener: StreamListener;
  #begin: Buffer = Buffer.alloc(0);
  #head: ResponseHead | undefined;
  #expected = 0;
  #total = 0;
  #isOver = false;

  constructor(asked: number, listener: StreamListener) {
    this.#asked = asked;
    this.#listener = listener;
  }

  /** @param bytes are overwritten after. */
  read(bytes: Buffer): void {
    if (this.#isOver) return;
    if (this.#head !== undefined) {
      this.#count(bytes.length);
      return;
    }
    this.#begin = Buffer.concat([this.#begin, bytes]);
    const head = readFinalHead(this.#begin);
    if (head === undefined) return;
    if (head === 'malformed') this.#fail('protocol-error', 'the server does not speak HTTP as it should');
    else this.#accept(head);
  }

  /** The connection is closed. */
  end(): void {
    if (this.#head === undefined) this.#fail('reset', 'the server closed the connection without an answer');
    this.#fail('reset', `the server closed the connection after ${this.#total} of ${this.#expected} bytes`);
  }

  #accept(head: ResponseHead): void {
    const { status, mediaType, contentLength = 0 } = head;
    const body = this.#begin.length - head.length;
    this.#head = head;
    this.#begin = Buffer.alloc(0);
    this.#expected = contentLength;
    if (status !== 200) {
      this.#isOver = true;
      this.#listener.failed(failureOfStatus(status, 'the download'));
    } else if (mediaType !== 'application/octet-stream' || contentLength === 0) {
      this.#fail('protocol-error', 'what the server sends is none of a bandwidth test');
    } else if (contentLength > this.#asked) {
      this.#fail('too-much', `the server sends ${contentLength} bytes, and was asked for ${this.#asked}`);
    } else {
      this.#count(body);
    }
  }

  #count(length: number): void {
    this.#total += length;
    if (this.#total > this.#expected) {
      this.#fail('too-much', `the server sends more than the ${this.#expected} bytes that it announced`);
      return;
    }
    this.#listener.progressed(this.#total);
    if (this.#total < this.#expected) return;
    this.#isOver = true;
    this.#listener.finished();
  }

  #fail(reason: string, message: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listener.failed(failedBy('target', reason, message));
  }
}
