import {
  KernelClock,
  type Libc,
  loadNative,
  MessageBatch,
  type NativeSupport,
  openReadiness,
  type Readiness,
  socketAddress,
} from '../../../native/index.js';
import { onAbort } from '../../events/index.js';
import type { Ip } from '../../netlink/index.js';
import { LONGEST_TIMER } from '../../options/index.js';
import { DueQueue } from '../due-queue.js';
import { inconclusive } from '../failure.js';
import type { ProbeFailure } from '../result.js';
import type { EchoFlight } from './echo-flight.js';
import { EchoSeries, type SeriesOutcome, type SeriesPlan } from './echo-series.js';
import { type EchoCounters, EchoSocket } from './echo-socket.js';
import { failureToOpen } from './open-icmp-socket.js';
import { keyOf, type SocketProfile } from './socket-profile.js';

export interface EchoRequest extends SeriesPlan {
  readonly ip: Ip;
  readonly payloadSize: number;
  readonly profile: SocketProfile;
}

/** What came of it, and by which kind of socket; or why nothing could be sent at all. */
export type EchoReport =
  | {
      readonly kind: 'asked';
      readonly outcome: SeriesOutcome;
      readonly method: EchoSocket['method'];
      /** Whether the kernel dropped packets meanwhile, because nobody read them in time: what seems lost may have come. */
      readonly overrun: boolean;
    }
  | { readonly kind: 'unavailable'; readonly failure: ProbeFailure };

/** How many requests are sent in one turn of the event loop, so that replies are read before the kernel's buffer is full. */
const MOST_AT_ONCE = 64;

/**
 * Milliseconds by which requests may be late, so that what is due at about the same time costs one turn of the event loop: 1 % of the shortest
 * interval, and at most 5.
 */
const latenessOf = (interval: number): number => Math.min(interval / 100, 5);

/** Milliseconds until it is tried again, where no sequence number is free, or no room in the send buffer. */
const CONGESTION_DELAY = 10;

interface SharedSocket {
  readonly key: string;
  readonly echo: EchoSocket;
  users: number;
}

interface Flight extends EchoFlight {
  due: number;
  readonly socket: SharedSocket;
  readonly droppedBefore: number;
  settle(report: EchoReport): void;
}

/**
 * Sends series of echo requests to any number of hosts, by one socket for all that want the same of it. Sockets are open while there is
 * something on its way, and the process is kept alive as long.
 */
export class EchoEngine {
  readonly #load: () => Promise<NativeSupport>;
  readonly #counters: EchoCounters = { sent: 0, received: 0, errors: 0, unexpected: 0, forged: 0 };
  readonly #sockets = new Map<string, SharedSocket>();
  readonly #flights = new Set<Flight>();
  readonly #queue = new DueQueue<Flight>();
  #parts: { readonly batch: MessageBatch; readonly clock: KernelClock } | undefined;
  #readiness: Readiness | undefined;
  #timer: NodeJS.Timeout | undefined;
  #timerDue = Number.POSITIVE_INFINITY;
  /** Of the series that are on their way, while any is, the one with the shortest interval decides. */
  #lateness = latenessOf(Number.POSITIVE_INFINITY);
  #isClosed = false;

  constructor(load: () => Promise<NativeSupport> = loadNative) {
    this.#load = load;
  }

  get counters(): Readonly<EchoCounters> {
    return { ...this.#counters };
  }

  /** Sends a series. Resolves when all of it is answered or given up, or the signal aborts: then with what is known by then. */
  async run(request: EchoRequest, signal: AbortSignal): Promise<EchoReport> {
    const native = await this.#load();
    if (this.#isClosed) return CLOSED;
    if (!native.supported)
      return unavailable(inconclusive('unsupported', `ICMP is not supported here: ${native.reason}`));
    try {
      return await this.#fly(request, this.#acquire(native.libc, request.profile), signal);
    } catch (error) {
      const failure = failureToOpen(error, OTHERWISE);
      if (failure === undefined) throw error;
      return unavailable(failure);
    }
  }

  /** Gives up what is on its way. May be repeated. */
  close(): void {
    this.#isClosed = true;
    for (const flight of [...this.#flights]) this.#end(flight, CLOSED);
  }

  #fly(request: EchoRequest, socket: SharedSocket, signal: AbortSignal): Promise<EchoReport> {
    return new Promise((resolve) => {
      const flight: Flight = {
        series: new EchoSeries(request, performance.now()),
        ip: request.ip.bytes,
        to: socketAddress(request.ip.bytes),
        payloadSize: request.payloadSize,
        sequences: new Uint16Array(request.count),
        due: 0,
        socket,
        droppedBefore: socket.echo.dropped(),
        onProgress: () => {
          if (flight.series.isOver) this.#end(flight);
        },
        settle: (report) => {
          release();
          resolve(report);
        },
      };
      this.#flights.add(flight);
      const release = signal.aborted ? () => {} : onAbort(signal, () => this.#end(flight));
      if (signal.aborted) this.#end(flight);
      else this.#enqueue(flight, request.count === 1 ? Number.POSITIVE_INFINITY : request.interval);
    });
  }

  #acquire(libc: Libc, profile: SocketProfile): SharedSocket {
    const key = keyOf(profile);
    const shared = this.#sockets.get(key) ?? this.#open(libc, profile, key);
    shared.users += 1;
    return shared;
  }

  #open(libc: Libc, profile: SocketProfile, key: string): SharedSocket {
    this.#parts ??= { batch: new MessageBatch(libc), clock: new KernelClock(libc) };
    const echo = new EchoSocket({ libc, ...this.#parts, counters: this.#counters }, profile);
    try {
      this.#readiness ??= openReadiness(libc);
      this.#readiness.add(echo.fd, (events) => echo.onReady(events));
    } catch (error) {
      echo.close();
      this.#closeUnusedReadiness();
      throw error;
    }
    const shared: SharedSocket = { key, echo, users: 0 };
    this.#sockets.set(key, shared);
    return shared;
  }

  #release(shared: SharedSocket): void {
    shared.users -= 1;
    if (shared.users > 0) return;
    this.#sockets.delete(shared.key);
    this.#readiness?.remove(shared.echo.fd);
    shared.echo.close();
    this.#closeUnusedReadiness();
  }

  #closeUnusedReadiness(): void {
    if (this.#sockets.size > 0) return;
    this.#readiness?.close();
    this.#readiness = undefined;
  }

  #end(flight: Flight, instead?: EchoReport): void {
    if (!this.#flights.delete(flight)) return;
    const { series, socket, sequences, droppedBefore } = flight;
    series.end(performance.now(), (index) => socket.echo.release(sequences[index] ?? 0));
    const overrun = socket.echo.dropped() !== droppedBefore;
    this.#release(socket);
    if (this.#flights.size === 0) this.#rest();
    else this.#forgetEnded();
    flight.settle(instead ?? { kind: 'asked', outcome: series.outcome(), method: socket.echo.method, overrun });
  }

  /** Nothing is on its way. A timer that was left would keep the process alive. */
  #rest(): void {
    clearTimeout(this.#timer);
    this.#timerDue = Number.POSITIVE_INFINITY;
    this.#lateness = latenessOf(Number.POSITIVE_INFINITY);
    this.#queue.fill([]);
  }

  /** What ended early stands in the queue until it would have been due, which may be long. */
  #forgetEnded(): void {
    if (this.#queue.size < 2 * this.#flights.size + MOST_AT_ONCE) return;
    this.#queue.fill(this.#queue.items().filter((flight) => this.#flights.has(flight)));
  }

  #enqueue(flight: Flight, interval: number): void {
    flight.due = flight.series.due;
    this.#lateness = Math.min(this.#lateness, latenessOf(interval));
    this.#queue.push(flight);
    // The first request is not late.
    this.#arm(0);
  }

  #arm(lateness: number): void {
    const due = (this.#queue.first?.due ?? Number.POSITIVE_INFINITY) + lateness;
    if (!(due < this.#timerDue)) return;
    clearTimeout(this.#timer);
    this.#timerDue = due;
    this.#timer = setTimeout(this.#onTimer, Math.min(Math.max(due - performance.now(), 0), LONGEST_TIMER));
  }

  readonly #onTimer = (): void => {
    this.#timerDue = Number.POSITIVE_INFINITY;
    // What has come in time is to be read before anything is given up, however late we are ourselves, and however long the reading takes.
    const now = performance.now();
    this.#readiness?.dispatch();
    const sent = this.#serve(now);
    // On a short way the replies are there already.
    if (sent > 0) this.#readiness?.dispatch();
    this.#arm(this.#lateness);
  };

  #serve(now: number): number {
    let sent = 0;
    for (let flight = this.#queue.first; flight !== undefined && flight.due <= now; flight = this.#queue.first) {
      if (sent >= MOST_AT_ONCE) break;
      this.#queue.pop();
      if (this.#flights.has(flight)) sent += this.#step(flight, now);
    }
    return sent;
  }

  #step(flight: Flight, now: number): number {
    const { series, socket, sequences } = flight;
    series.expire(now, (index) => socket.echo.release(sequences[index] ?? 0));
    const wants = series.wantsToSend(now);
    const sends = wants && !socket.echo.isFull && socket.echo.send(flight) === 'done';
    if (series.isOver) {
      this.#end(flight);
    } else {
      flight.due = wants && !sends ? now + CONGESTION_DELAY : series.due;
      this.#queue.push(flight);
    }
    return sends ? 1 : 0;
  }
}

function unavailable(failure: ProbeFailure): EchoReport {
  return { kind: 'unavailable', failure };
}

const CLOSED = unavailable(inconclusive('closed', 'the pinger is closed'));

const OTHERWISE = "or measure TCP handshakes (fallback: 'tcp')";
