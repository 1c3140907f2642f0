import { connect, type Socket } from 'node:net';
import { onAbort } from '../../events/index.js';
import { LONGEST_TIMER } from '../../options/index.js';
import { failureOf } from '../failure.js';
import { EchoSeries, type SeriesOutcome, type SeriesPlan } from './echo-series.js';

export interface TcpRequest extends SeriesPlan {
  readonly address: string;
  readonly port: number;
  readonly localAddress?: string | undefined;
}

/**
 * Measures TCP handshakes in the place of echoes. A refusal is an answer too: it has made the way there and back. Resolves when all have been
 * answered or given up, or the signal aborts: then with what is known by then.
 */
export function runTcpSeries(request: TcpRequest, signal: AbortSignal): Promise<SeriesOutcome> {
  return new TcpSeries(request).run(signal);
}

class TcpSeries {
  readonly #request: TcpRequest;
  readonly #series: EchoSeries;
  readonly #sockets = new Map<number, Socket>();
  #timer: NodeJS.Timeout | undefined;
  #isEnded = false;
  #settle = (): void => {};

  constructor(request: TcpRequest) {
    this.#request = request;
    this.#series = new EchoSeries(request, performance.now());
  }

  run(signal: AbortSignal): Promise<SeriesOutcome> {
    return new Promise((resolve) => {
      const release = signal.aborted ? () => {} : onAbort(signal, () => this.#end());
      this.#settle = () => {
        release();
        resolve(this.#series.outcome());
      };
      if (signal.aborted) this.#end();
      else this.#step();
    });
  }

  #step(): void {
    if (this.#isEnded) return;
    const now = performance.now();
    this.#series.expire(now, (index) => this.#drop(index));
    if (this.#series.wantsToSend(now)) this.#connect(this.#series.begin(now), now);
    if (this.#series.isOver) {
      this.#end();
    } else {
      const delay = Math.min(Math.max(this.#series.due - performance.now(), 0), LONGEST_TIMER);
      // After a stall of the event loop, timers run before what the kernel has to tell: that is heard before anything is given up.
      this.#timer = setTimeout(() => setImmediate(() => this.#step()), delay);
    }
  }

  #connect(index: number, startedAt: number): void {
    const { address: host, port, localAddress } = this.#request;
    const socket = connect({ host, port, noDelay: true, ...(localAddress !== undefined && { localAddress }) });
    this.#sockets.set(index, socket);
    socket.once('connect', () => this.#answered(index, startedAt));
    socket.on('error', (error) => {
      if (isAnswer(error)) this.#answered(index, startedAt);
      else this.#failed(index, error);
    });
  }

  #answered(index: number, startedAt: number): void {
    if (!this.#sockets.has(index)) return;
    const rtt = performance.now() - startedAt;
    this.#drop(index);
    this.#series.replied(index, rtt, -1);
    this.#endIfOver();
  }

  #failed(index: number, error: Error): void {
    if (!this.#sockets.has(index)) return;
    this.#drop(index);
    if (failureOf(error)?.failureSource === 'path') this.#series.failed(index, error);
    else this.#series.unsent(index, error);
    this.#endIfOver();
  }

  /** With a reset instead of a farewell: a port that is asked often would collect connections in TIME_WAIT. */
  #drop(index: number): void {
    const socket = this.#sockets.get(index);
    this.#sockets.delete(index);
    if (socket?.connecting === false && !socket.destroyed) socket.resetAndDestroy();
    else socket?.destroy();
  }

  #endIfOver(): void {
    if (this.#series.isOver) this.#end();
  }

  #end(): void {
    this.#isEnded = true;
    clearTimeout(this.#timer);
    this.#series.end(performance.now(), (index) => this.#drop(index));
    this.#settle();
  }
}

/** RFC 9293 section 3.5.2: a reset is how a closed port answers. */
function isAnswer(error: Error): boolean {
  return 'code' in error && (error.code === 'ECONNREFUSED' || error.code === 'ECONNRESET');
}
