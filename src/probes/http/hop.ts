import type { Socket } from 'node:net';
import { orAborted } from '../../events/index.js';
import { formatEndpoint } from '../../names/index.js';
import { type ConnectAttempt, connectFirst } from '../connect/connect-race.js';
import { findAddresses } from '../connect/find-addresses.js';
import type { LocalEnd } from '../connect/local-end.js';
import { failedBy, failureOf, timedOut } from '../failure.js';
import { ProbeFailedError } from '../probe-failed-error.js';
import type { AddressFamily, ResolveHost } from '../resolve-host.js';
import type { ProbeFailure } from '../result.js';
import type { TlsFacts } from '../tls/tls-facts.js';
import { shakeHands } from '../tls/tls-handshake.js';
import type { TlsOptions } from '../tls/tls-options.js';
import type { HttpAnswer, RequestProgress } from './answer.js';
import { askHttp1 } from './ask-http1.js';
import { beginHttp2, type Http2Conversation } from './ask-http2.js';
import type { HopPhase } from './http-facts.js';
import { failureOfAnswer } from './http-failure.js';
import type { HttpRequest } from './http-request.js';
import { type HttpBody, readBody } from './read-body.js';

/** What stays the same from one hop to the next. */
export interface HopSettings {
  readonly family: AddressFamily;
  readonly local: LocalEnd;
  readonly attemptDelay: number;
  readonly resolve: ResolveHost | undefined;
  readonly tls: TlsOptions;
  readonly version: 'auto' | '1.1' | '2';
  readonly maxHeaderBytes: number;
  readonly maxBodyBytes: number;
  /** Whether a body is looked into. */
  readonly wantsText: boolean;
  /** Whether the answer is only a step on the way, whose body nobody needs. */
  readonly leadsOn: (answer: HttpAnswer) => boolean;
  /** Milliseconds that the probe has, for its messages. */
  readonly timeout: number;
  /** When the probe began, by `performance.now()`. */
  readonly begun: number;
  readonly signal: AbortSignal;
  /** Told the endpoint that decides whether this host was online. */
  readonly towards: (endpoint: string) => void;
}

/** What is known of one exchange with one server. Grows while it goes on, so that a failure keeps all that came before it. */
export class HopRecord {
  readonly request: HttpRequest;
  attempts: readonly ConnectAttempt[] = [];
  address: string | undefined;
  tls: TlsFacts | undefined;
  answer: HttpAnswer | undefined;
  body: HttpBody | undefined;
  failure: ProbeFailure | undefined;
  readonly timings: { -readonly [Phase in HopPhase]?: number } = {};

  constructor(request: HttpRequest) {
    this.request = request;
  }
}

/** Asks one server for one thing. Never rejects: what went wrong stands in the record. */
export async function takeHop(request: HttpRequest, settings: HopSettings): Promise<HopRecord> {
  const record = new HopRecord(request);
  const hop = new Hop(record, settings);
  try {
    await hop.run();
  } catch (error) {
    record.failure = hop.failureOf(error);
  } finally {
    await hop.close();
  }
  return record;
}

class Hop {
  readonly #record: HopRecord;
  readonly #settings: HopSettings;
  #socket: Socket | undefined;
  #http2: Http2Conversation | undefined;
  #waitingFor = 'an address';

  constructor(record: HopRecord, settings: HopSettings) {
    this.#record = record;
    this.#settings = settings;
  }

  async run(): Promise<void> {
    const connected = await this.#connect();
    const socket = this.#record.request.url.isSecure ? await this.#secure(connected) : connected;
    const answer = await this.#ask(socket);
    this.#record.answer = answer;
    if (this.#settings.leadsOn(answer)) return;
    const start = performance.now();
    this.#waitingFor = 'the rest of the answer';
    const { maxBodyBytes, wantsText } = this.#settings;
    this.#record.body = await this.#inTime(readBody(answer, maxBodyBytes, wantsText));
    this.#record.timings.transfer = performance.now() - start;
  }

  failureOf(error: unknown): ProbeFailure {
    const { signal, timeout, maxHeaderBytes } = this.#settings;
    if (error instanceof ProbeFailedError && !signal.aborted) return error.failure;
    return signal.aborted ? timedOut(timeout, this.#missing()) : failureOfAnswer(error, maxHeaderBytes);
  }

  async close(): Promise<void> {
    await this.#http2?.close();
    this.#socket?.destroy();
  }

  /** Whoever takes a connection and never says that it speaks HTTP/2 may speak something else. */
  #missing(): string {
    return this.#http2?.isSettled === false ? 'a frame of HTTP/2' : this.#waitingFor;
  }

  async #connect(): Promise<Socket> {
    const { family, resolve, signal, timeout, local, attemptDelay, begun, towards } = this.#settings;
    const { host, port } = this.#record.request.url;
    const found = await findAddresses(host, family, resolve, { signal, timeout });
    if ('failure' in found) throw new ProbeFailedError(found.failure);
    if (found.duration !== undefined) this.#record.timings.resolve = found.duration;
    const { addresses } = found;
    const [only] = addresses;
    // With several addresses it is not known yet which one counts: another family may have no path without anything being wrong.
    if (addresses.length === 1 && only !== undefined) towards(formatEndpoint({ host: only, port }));
    this.#waitingFor = 'an answer to the attempt to connect';
    const outcome = await connectFirst({ addresses, port, local, attemptDelay, begun, timeout, signal });
    this.#record.attempts = outcome.attempts;
    this.#record.address = outcome.address;
    if (addresses.length > 1) towards(formatEndpoint({ host: outcome.address, port }));
    if ('failure' in outcome) throw new ProbeFailedError(outcome.failure);
    this.#socket = outcome.socket;
    this.#record.timings.connect = outcome.duration;
    return outcome.socket;
  }

  async #secure(connected: Socket): Promise<Socket> {
    const { tls } = this.#settings;
    const start = performance.now();
    this.#waitingFor = 'the agreement on TLS';
    assertAlive(connected);
    const { socket, facts } = await this.#inTime(
      shakeHands(connected, this.#record.request.url.host, this.#protocols(), tls),
    );
    this.#record.timings.tls = performance.now() - start;
    this.#record.tls = facts;
    const [problem] = facts.problems;
    if (problem !== undefined && tls.verify !== false) {
      throw new ProbeFailedError(failedBy('target', problem, `the certificate is not good: ${facts.verifyError}`));
    }
    if (this.#settings.version === '2' && facts.alpn !== 'h2') {
      throw new ProbeFailedError(failedBy('target', 'no-http2', 'the server does not speak HTTP/2'));
    }
    return socket;
  }

  #protocols(): readonly string[] {
    const { version } = this.#settings;
    if (version === 'auto') return ['h2', 'http/1.1'];
    return version === '2' ? ['h2'] : ['http/1.1'];
  }

  #ask(socket: Socket): Promise<HttpAnswer> {
    const { version, maxHeaderBytes } = this.#settings;
    const { request, tls } = this.#record;
    this.#waitingFor = 'an answer';
    assertAlive(socket);
    const progress = this.#progress();
    const isHttp2 = request.url.isSecure ? tls?.alpn === 'h2' : version === '2';
    if (!isHttp2) return this.#inTime(askHttp1(socket, request, maxHeaderBytes, progress));
    this.#http2 = beginHttp2(socket, request, maxHeaderBytes);
    return this.#inTime(this.#http2.ask(request, progress));
  }

  /** A server may answer before it has heard all: then sending was over with the first byte. */
  #progress(): RequestProgress {
    const { timings } = this.#record;
    const start = performance.now();
    return {
      sent: () => {
        timings.request ??= performance.now() - start;
      },
      firstByte: () => {
        timings.request ??= performance.now() - start;
        timings.firstByte ??= performance.now() - start - timings.request;
      },
    };
  }

  #inTime<Value>(step: Promise<Value>): Promise<Value> {
    return orAborted(step, this.#settings.signal);
  }
}

/** While nobody listened, a reset may have come. */
function assertAlive(socket: Socket): void {
  if (socket.errored === null) return;
  const failure = failureOf(socket.errored) ?? failedBy('target', 'reset', socket.errored.message);
  throw new ProbeFailedError(failure);
}
