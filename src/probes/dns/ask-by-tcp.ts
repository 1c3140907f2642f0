import { connect as connectTcp, type Socket } from 'node:net';
import { onAbort } from '../../events/index.js';
import { escapeText } from '../escape-text.js';
import { failedBy, failureOf } from '../failure.js';
import { ProbeFailedError } from '../probe-failed-error.js';
import type { TlsFacts } from '../tls/tls-facts.js';
import { shakeHands } from '../tls/tls-handshake.js';
import { unreadable } from './ask-by-udp.js';
import type { DnsTlsOptions } from './dns-options.js';
import { type DnsPhase, type Errand, type Exchange, SILENCE } from './exchange.js';
import { FrameReader } from './frame-reader.js';
import { readMessage } from './message.js';

/** An errand by TCP, or by TLS over it. */
export interface TcpErrand extends Errand {
  /** How TLS is done, and whose certificate it has to be; undefined for no TLS. */
  readonly tls: { readonly host: string; readonly options: DnsTlsOptions } | undefined;
}

/** Asks over a connection of its own until there is an answer, the server gives up, or the signal aborts. */
export async function askByTcp(errand: TcpErrand): Promise<Exchange> {
  const exchange = new TcpExchange(errand);
  try {
    return await exchange.run();
  } finally {
    exchange.close();
  }
}

/** Bytes of messages that are no answer, after which a server counts as one that only talks. */
const MOST_FOREIGN_BYTES = 2 ** 18;

class TcpExchange {
  readonly #errand: TcpErrand;
  readonly #frames = new FrameReader();
  readonly #timings: { [Phase in DnsPhase]?: number } = {};
  #socket: Socket | undefined;
  #phaseSince = performance.now();
  #id = -1;
  #ignored = 0;
  #foreignBytes = 0;
  #tls: TlsFacts | undefined;
  #release = (): void => {};
  #settle = (_exchange: Exchange): void => {};

  constructor(errand: TcpErrand) {
    this.#errand = errand;
  }

  run(): Promise<Exchange> {
    const { address, port, source, signal, tls } = this.#errand;
    return new Promise((resolve) => {
      this.#settle = resolve;
      if (signal.aborted) return this.#end(SILENCE);
      this.#release = onAbort(signal, () => this.#end(SILENCE));
      const socket = connectTcp({ host: address, port, ...(source !== undefined && { localAddress: source }) });
      this.#socket = socket;
      socket.setNoDelay(true);
      socket.on('error', (error) => this.#fail(error));
      socket.once('connect', () => {
        this.#enter('connect');
        if (tls === undefined) this.#ask(socket);
        else this.#secure(socket, tls).catch((error) => this.#fail(error));
      });
    });
  }

  close(): void {
    this.#release();
    this.#socket?.destroy();
  }

  /** @throws where there is no agreement, or the certificate does not hold. */
  async #secure(socket: Socket, { host, options }: NonNullable<TcpErrand['tls']>): Promise<void> {
    const { socket: secure, facts } = await shakeHands(socket, host, [], options);
    this.#socket = secure;
    this.#enter('tls');
    this.#tls = facts;
    const [problem] = facts.problems;
    if (problem !== undefined && options.verify !== false) {
      throw new ProbeFailedError(failedBy('target', problem, `the certificate is not good: ${facts.verifyError}`));
    }
    secure.on('error', (error) => this.#fail(error));
    this.#ask(secure);
  }

  #ask(socket: Socket): void {
    const { id, bytes } = this.#errand.makeQuery();
    this.#id = id;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    for (const event of ['end', 'close']) socket.once(event, () => this.#end({ kind: 'failure', failure: CLOSED }));
    const length = Buffer.alloc(2);
    length.writeUInt16BE(bytes.length);
    // In one segment: there are servers that take the length alone for a broken query (RFC 7766 section 8).
    socket.write(Buffer.concat([length, bytes]));
  }

  #receive(chunk: Buffer): void {
    for (const bytes of this.#frames.read(chunk)) {
      if (this.#examine(bytes)) break;
    }
  }

  /** @returns whether that was the end. */
  #examine(bytes: Buffer): boolean {
    const reading = readMessage(bytes, this.#errand.question, (id) => id === this.#id);
    if (reading.kind === 'answer') {
      this.#enter('query');
      this.#end(reading);
      return true;
    }
    this.#ignored += reading.kind === 'foreign' ? 1 : 0;
    this.#foreignBytes += bytes.length + 2;
    const why =
      reading.kind === 'malformed' ? reading.why : `the server sent ${this.#foreignBytes} bytes that are none`;
    if (reading.kind === 'foreign' && this.#foreignBytes <= MOST_FOREIGN_BYTES) return false;
    this.#end(unreadable(why));
    return true;
  }

  /** Notes how long the phase took that ends here. */
  #enter(phase: DnsPhase): void {
    const now = performance.now();
    this.#timings[phase] = now - this.#phaseSince;
    this.#phaseSince = now;
  }

  #fail(error: unknown): void {
    const failure = error instanceof ProbeFailedError ? error.failure : failureOf(error);
    this.#end({
      kind: 'failure',
      failure: failure ?? failedBy('target', 'protocol-error', escapeText(String(error), 200)),
    });
  }

  #end(outcome: Exchange['outcome']): void {
    this.#release();
    this.#settle({
      outcome,
      timings: { ...this.#timings },
      queries: this.#id < 0 ? 0 : 1,
      ignored: this.#ignored,
      tls: this.#tls,
    });
  }
}

const CLOSED = failedBy('target', 'closed', 'the server closed the connection without an answer');
