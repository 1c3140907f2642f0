import { createSocket, type Socket } from 'node:dgram';
import { isIP } from 'node:net';
import { onAbort } from '../../events/index.js';
import { failedBy, failureOf } from '../failure.js';
import { type Errand, type Exchange, SILENCE } from './exchange.js';
import { readMessage } from './message.js';

/** An errand by UDP, which may lose it. */
export interface UdpErrand extends Errand {
  /** How often the question is put again where there is no answer. */
  readonly retries: number;
  /** Milliseconds from one query to the next. */
  readonly retryAfter: number;
}

/** Asks by UDP until there is an answer, nothing more can come, or the signal aborts. */
export async function askByUdp(errand: UdpErrand): Promise<Exchange> {
  const socket = createSocket(isIP(errand.address) === 6 ? 'udp6' : 'udp4');
  const exchange = new UdpExchange(socket, errand);
  try {
    return await exchange.run();
  } finally {
    exchange.stop();
    socket.close();
  }
}

class UdpExchange {
  readonly #socket: Socket;
  readonly #errand: UdpErrand;
  /** When each query was sent, by its id: the answer tells by its own which of them it answers. */
  readonly #sent = new Map<number, number>();
  #queries = 0;
  #ignored = 0;
  #timer: NodeJS.Timeout | undefined;
  #release = (): void => {};
  #settle = (_exchange: Exchange): void => {};

  constructor(socket: Socket, errand: UdpErrand) {
    this.#socket = socket;
    this.#errand = errand;
  }

  run(): Promise<Exchange> {
    const { address, port, source, signal } = this.#errand;
    return new Promise((resolve) => {
      this.#settle = resolve;
      if (signal.aborted) return this.#end(SILENCE);
      this.#release = onAbort(signal, () => this.#end(SILENCE));
      this.#socket.on('error', (error) => this.#fail(error));
      this.#socket.on('message', (bytes) => this.#receive(bytes));
      this.#socket.once('connect', () => this.#send());
      // Connected, so that the kernel lets only this server's datagrams through, and tells of its refusal; from a port of the kernel's own
      // choice, which is random (RFC 5452 section 9.2).
      if (source === undefined) this.#socket.connect(port, address);
      else this.#socket.bind({ address: source, port: 0, exclusive: true }, () => this.#socket.connect(port, address));
    });
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#release();
  }

  #send(): void {
    const { makeQuery, retries, retryAfter } = this.#errand;
    const { id, bytes } = makeQuery();
    this.#sent.set(id, performance.now());
    this.#queries += 1;
    this.#socket.send(bytes, (error) => {
      if (error) this.#fail(error);
    });
    if (this.#queries <= retries) this.#timer = setTimeout(() => this.#send(), retryAfter);
  }

  #receive(bytes: Buffer): void {
    const now = performance.now();
    const reading = readMessage(bytes, this.#errand.question, (id) => this.#sent.has(id));
    if (reading.kind === 'foreign') {
      this.#ignored += 1;
      return;
    }
    const sentAt = this.#sent.get(bytes.readUInt16BE(0)) ?? now;
    const outcome = reading.kind === 'answer' ? reading : unreadable(reading.why);
    this.#end(outcome, { query: now - sentAt });
  }

  #fail(error: Error): void {
    this.#end({ kind: 'failure', failure: failureOf(error) ?? failedBy('path', 'udp-failed', error.message) });
  }

  #end(outcome: Exchange['outcome'], timings: Exchange['timings'] = {}): void {
    this.stop();
    this.#settle({ outcome, timings, queries: this.#queries, ignored: this.#ignored });
  }
}

export function unreadable(why: string): Exchange['outcome'] {
  return {
    kind: 'failure',
    failure: failedBy('target', 'malformed-answer', `the answer cannot be read: ${why}`),
  };
}
