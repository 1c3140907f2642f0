import type { Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import { onAbort } from '../../events/index.js';
import { failedBy, failureOf, inconclusive, timedOut } from '../failure.js';
import { ProbeFailedError } from '../probe-failed-error.js';
import type { ProbeVerdict } from '../result.js';
import type { TextMatcher } from '../text-pattern.js';

export interface Exchange {
  readonly send?: string | undefined;
  readonly expect?: TextMatcher | undefined;
  readonly maxBytes: number;
  /** Milliseconds that the probe has, for its message. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

export interface ExchangeOutcome {
  readonly verdict: ProbeVerdict;
  /** What was read, as it came. */
  readonly received: string;
}

/** Sends what is to be sent and reads until what is expected has come, in the socket that it leaves open. Never rejects. */
export function exchangeText(socket: Socket, exchange: Exchange): Promise<ExchangeOutcome> {
  return new Promise((resolve) => new TextExchange(socket, exchange, resolve).start());
}

class TextExchange {
  readonly #socket: Socket;
  readonly #exchange: Exchange;
  readonly #resolve: (outcome: ExchangeOutcome) => void;
  readonly #decoder = new StringDecoder('utf8');
  #received = '';
  #bytes = 0;
  #release = (): void => {};

  constructor(socket: Socket, exchange: Exchange, resolve: (outcome: ExchangeOutcome) => void) {
    this.#socket = socket;
    this.#exchange = exchange;
    this.#resolve = resolve;
  }

  start(): void {
    const { send = '', expect, signal, timeout } = this.#exchange;
    if (this.#socket.errored !== null) {
      this.#failed(this.#socket.errored);
      return;
    }
    this.#release = onAbort(signal, () => this.#settle(timedOut(timeout, this.#waitingFor())));
    this.#socket.on('error', this.#failed).on('end', this.#ended);
    if (expect !== undefined) this.#socket.on('data', this.#read);
    this.#socket.write(send, (error) => {
      // An error is told by its event as well.
      if (expect === undefined && !error) this.#settle({ status: 'ok' });
    });
  }

  readonly #read = (bytes: Buffer): void => {
    const { expect, maxBytes } = this.#exchange;
    const room = maxBytes - this.#bytes;
    this.#bytes += Math.min(bytes.length, room);
    this.#received += this.#decoder.write(bytes.subarray(0, room));
    if (this.#isFound()) this.#settle({ status: 'ok' });
    else if (this.#bytes >= maxBytes) {
      this.#settle(
        failedBy('target', 'unexpected-answer', `${expect?.description} is not in the first ${maxBytes} bytes`),
      );
    }
  };

  #isFound(): boolean {
    try {
      return this.#exchange.expect?.matches(this.#received) ?? true;
    } catch (error) {
      if (!(error instanceof ProbeFailedError)) throw error;
      this.#settle(error.failure);
      return false;
    }
  }

  readonly #ended = (): void => {
    const { expect } = this.#exchange;
    if (this.#bytes === 0) this.#settle(failedBy('target', 'closed', 'the connection was closed without a word'));
    else {
      this.#settle(
        failedBy(
          'target',
          'unexpected-answer',
          `${expect?.description} is not in the ${this.#bytes} bytes before the connection was closed`,
        ),
      );
    }
  };

  readonly #failed = (error: Error): void => {
    this.#settle(failureOf(error) ?? inconclusive('connect-failed', error.message));
  };

  #waitingFor(): string {
    if (this.#exchange.expect === undefined) return 'the end of sending';
    const { description } = this.#exchange.expect;
    return this.#bytes === 0 ? `a word with ${description}` : `${description}, after ${this.#bytes} other bytes,`;
  }

  #settle(verdict: ProbeVerdict): void {
    this.#release();
    this.#socket.off('data', this.#read).off('end', this.#ended).off('error', this.#failed);
    this.#resolve({ verdict, received: this.#received });
  }
}
