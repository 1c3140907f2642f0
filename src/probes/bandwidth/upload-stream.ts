import type { ClientRequest, IncomingMessage } from 'node:http';
import { failedBy } from '../failure.js';
import type { ProbeFailure } from '../result.js';
import { sendRandom } from './random-pool.js';
import { failureOfRequest, failureOfStatus, openRequest, type ServerAccess } from './server-access.js';
import type { Stream, StreamListener } from './stream.js';
import type { ReadTcp } from './tcp-tally.js';
import { PROGRESS_TYPE, readProgress, TEST_PATH } from './wire.js';

/** Uploads so many bytes. What counts is what the server says has arrived: this host knows only what its own kernel took. */
export function openUpload(access: ServerAccess, readTcp: ReadTcp, bytes: number, listener: StreamListener): Stream {
  const headers = { 'Content-Length': bytes, Accept: PROGRESS_TYPE };
  const asked = openRequest(access, 'POST', TEST_PATH, headers, (failure) => listener.failed(failure));
  let handedOver = 0;
  asked.once('socket', (socket) => socket.once('connect', () => listener.started(socket)));
  asked.once('response', (response) => {
    const { statusCode = 0 } = response;
    response.on('error', (error) => listener.failed(failureOfRequest(error)));
    if (statusCode !== 200) {
      listener.failed(failureOfStatus(statusCode, 'the upload'));
      return;
    }
    if (response.headers['content-type'] !== PROGRESS_TYPE) {
      listener.failed(noReport());
      return;
    }
    new ProgressReader(response, bytes, () => mostArrived(asked, handedOver, readTcp), listener).start();
    sendRandom(asked, bytes, (length) => {
      handedOver += length;
    });
  });
  // Only the head: the server says first whether it will have the rest, and nobody else is to be flooded.
  asked.flushHeaders();
  return { destroy: () => void asked.destroy() };
}

/** Nobody can have received what was not sent; nor, where the kernel tells, what was not acknowledged. */
function mostArrived(asked: ClientRequest, handedOver: number, readTcp: ReadTcp): number {
  const acknowledged = asked.socket === null ? undefined : readTcp(asked.socket)?.bytesAcknowledged;
  return Math.min(handedOver, acknowledged ?? handedOver);
}

function noReport(): ProbeFailure {
  return failedBy('target', 'protocol-error', 'the server does not report what has arrived');
}

class ProgressReader {
  readonly #response: IncomingMessage;
  readonly #expected: number;
  readonly #most: () => number;
  readonly #listener: StreamListener;
  #rest = '';
  #length = 0;
  #total = 0;

  constructor(response: IncomingMessage, expected: number, most: () => number, listener: StreamListener) {
    this.#response = response;
    this.#expected = expected;
    this.#most = most;
    this.#listener = listener;
  }

  start(): void {
    this.#response.setEncoding('utf8');
    this.#response.on('data', (text: string) => this.#read(text));
    this.#response.once('end', () => this.#end());
  }

  #read(text: string): void {
    this.#length += text.length;
    if (this.#length > MOST_TEXT) {
      this.#listener.failed(failedBy('target', 'too-much', 'the server reports more than there is to report'));
      this.#response.destroy();
      return;
    }
    const lines = `${this.#rest}${text}`.split('\n');
    this.#rest = lines.pop() ?? '';
    const last = lines.at(-1);
    if (last !== undefined) this.#report(last);
  }

  /** Of several lines that came at once only the last has anything new to say. */
  #report(line: string): void {
    const progress = readProgress(line);
    if (progress === undefined) {
      this.#listener.failed(noReport());
      return;
    }
    const most = this.#most();
    if (progress.bytes > most || progress.bytes < this.#total) {
      const claim = `the server claims to have received ${progress.bytes} bytes`;
      const truth = progress.bytes > most ? `when ${most} were sent` : `after it had ${this.#total}`;
      this.#listener.failed(failedBy('target', 'false-report', `${claim}, ${truth}`));
      return;
    }
    this.#total = progress.bytes;
    this.#listener.progressed(progress.bytes);
  }

  #end(): void {
    if (this.#total === this.#expected) {
      this.#listener.finished();
      return;
    }
    const message = `the server ended the upload after ${this.#total} of ${this.#expected} bytes`;
    this.#listener.failed(failedBy('target', 'reset', message));
  }
}

/** Characters: some 20 lines a second for a minute, with a good deal to spare. */
const MOST_TEXT = 2 ** 18;
