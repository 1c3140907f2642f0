import type { IncomingMessage, ServerResponse } from 'node:http';
import { acceptUpload } from './accept-upload.js';
import { ClientGate } from './client-gate.js';
import { type Lease, LeaseDesk } from './lease-desk.js';
import { linkOf, plainAddress } from './link-of.js';
import { refuse, respond } from './respond.js';
import { sendDownload } from './send-download.js';
import { type BandwidthHandlerOptions, type HandlerSettings, handlerSettings } from './server-options.js';
import { type ReadTcp, tcpReader } from './tcp-tally.js';
import { LEASE_HEADER, LEASE_PATH, type LeaseGrant, type LeaseSummary, MEGABYTE, TEST_PATH } from './wire.js';

/** Serves bandwidth tests in an HTTP server of the caller's own. */
export interface BandwidthHandler {
  /**
   * Answers a request for `/bandwidth_test` or anything below it.
   *
   * @returns false for any other path: it is left as it is.
   */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
  /** Whether a client is one of those that are served, by its IP address alone. */
  allows(address: string): boolean;
  /** Ends all tests, and serves no more. */
  close(): void;
}

/**
 * Makes what answers `/bandwidth_test`, for an HTTP server that has other things to say as well; {@link createBandwidthServer} is one that has
 * not. Timeouts for the heads of requests, and the number of connections, are the server's own to limit.
 *
 * @throws {InvalidOptionError}
 */
export function createBandwidthHandler(options: BandwidthHandlerOptions = {}): BandwidthHandler {
  return new Handler(handlerSettings('createBandwidthHandler', options));
}

class Handler implements BandwidthHandler {
  readonly #settings: HandlerSettings;
  readonly #gate: ClientGate;
  readonly #desk: LeaseDesk;
  /** What is done for whom is allowed, by path and method. */
  readonly #answers: ReadonlyMap<string, ReadonlyMap<string, (exchange: Exchange) => void>> = new Map([
    [
      TEST_PATH,
      new Map([
        ['GET', this.#download.bind(this)],
        ['POST', this.#upload.bind(this)],
      ]),
    ],
    [
      LEASE_PATH,
      new Map([
        ['POST', this.#grant.bind(this)],
        ['DELETE', this.#release.bind(this)],
      ]),
    ],
  ]);
  #readTcp: ReadTcp = () => undefined;
  #isClosed = false;

  constructor(settings: HandlerSettings) {
    this.#settings = settings;
    this.#gate = new ClientGate(settings.allow, settings.token);
    this.#desk = new LeaseDesk(settings, settings.testsPerMinute);
    void tcpReader().then((read) => {
      this.#readTcp = read;
    });
  }

  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const url = parseTarget(request.url);
    const methods = this.#answers.get(url?.pathname ?? '');
    if (url === undefined || methods === undefined) return false;
    // A connection that breaks is the client's affair.
    request.on('error', () => {});
    response.on('error', () => {});
    const exchange = { request, response, client: plainAddress(request.socket.remoteAddress ?? ''), url };
    if (this.#isWelcome(exchange)) this.#answer(exchange, methods);
    return true;
  }

  allows(address: string): boolean {
    return this.#gate.allows(plainAddress(address));
  }

  close(): void {
    this.#isClosed = true;
    this.#desk.close();
  }

  /** Whoever is not is told why. */
  #isWelcome({ request, response, client }: Exchange): boolean {
    if (!this.#gate.allows(client)) {
      refuse(response, 403, 'this address is not allowed here');
      return false;
    }
    if (!this.#gate.knows(request.headers.authorization)) {
      refuse(response, 401, 'the right token is needed', { 'WWW-Authenticate': 'Bearer' });
      return false;
    }
    if (this.#isClosed) {
      refuse(response, 503, 'this server is being closed');
      return false;
    }
    // A response that waits behind another has no connection yet, and never hears when that is closed: nothing may hang on it.
    if (response.socket === null) {
      refuse(response, 400, 'one request on each connection');
      return false;
    }
    return true;
  }

  #answer(exchange: Exchange, methods: ReadonlyMap<string, (exchange: Exchange) => void>): void {
    const answer = methods.get(exchange.request.method ?? '');
    if (answer !== undefined) {
      answer(exchange);
      return;
    }
    const allowed = [...methods.keys()].join(', ');
    refuse(exchange.response, 405, `here one asks by ${allowed}`, { Allow: allowed });
  }

  #grant(exchange: Exchange): void {
    const lease = this.#ask(exchange);
    if (lease === undefined) return;
    const { maxBytes, maxDuration } = this.#settings;
    respond(exchange.response, 200, { lease: lease.id, maxBytes, maxDuration } satisfies LeaseGrant);
  }

  #release(exchange: Exchange): void {
    const lease = this.#named(exchange);
    if (lease === undefined) return;
    lease.end();
    const download = lease.sent.summary();
    respond(exchange.response, 200, { ...(download !== undefined && { download }) } satisfies LeaseSummary);
  }

  #download(exchange: Exchange): void {
    const { request, response } = exchange;
    const size = sizeOf(exchange.url);
    if (size === undefined) {
      refuse(response, 400, 'size must be a number of megabytes above 0');
      return;
    }
    const lease = this.#leaseFor(exchange);
    if (lease === undefined) return;
    const bytes = Math.min(size, this.#mostFor(request, lease));
    if (bytes === 0) {
      refuse(response, 429, 'this lease has had all its bytes');
      return;
    }
    lease.spend(bytes);
    lease.hold(response);
    sendDownload(response, bytes, lease, this.#readTcp);
  }

  #upload(exchange: Exchange): void {
    const { request, response } = exchange;
    const lease = this.#leaseFor(exchange);
    if (lease === undefined) return;
    const most = this.#mostFor(request, lease);
    const announced = Number(request.headers['content-length'] ?? most);
    if (announced > most) {
      refuse(response, 413, 'that is more than may be uploaded here');
      return;
    }
    lease.spend(announced);
    lease.hold(response);
    acceptUpload(request, response, announced, lease);
  }

  #mostFor(request: IncomingMessage, lease: Lease): number {
    return isLeased(request) ? lease.left : Math.min(lease.left, this.#settings.maxSize);
  }

  /** The lease that a request names; one of its own, for as long as it lasts, where it names none. */
  #leaseFor(exchange: Exchange): Lease | undefined {
    if (isLeased(exchange.request)) return this.#named(exchange);
    const lease = this.#ask(exchange);
    if (lease !== undefined) exchange.response.once('close', () => lease.end());
    return lease;
  }

  #named({ request, response, client }: Exchange): Lease | undefined {
    const lease = this.#desk.find(String(request.headers[LEASE_HEADER]), client);
    if (lease === undefined) refuse(response, 409, 'there is no such lease, or it has expired');
    return lease;
  }

  #ask({ request, response, client }: Exchange): Lease | undefined {
    const answer = this.#desk.ask(client, linkOf(request.socket.localAddress ?? '', client));
    if ('lease' in answer) return answer.lease;
    const status = answer.reason === 'busy' ? 503 : 429;
    const seconds = Math.max(Math.ceil(answer.retryAfter / 1_000), 1);
    refuse(response, status, BUSY[answer.reason], { 'Retry-After': `${seconds}` });
    return undefined;
  }
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly client: string;
  readonly url: URL;
}

const BUSY = {
  busy: 'another test is running on this link',
  'too-many-tests': 'this client has made too many tests within a minute',
} as const;

function isLeased(request: IncomingMessage): boolean {
  return request.headers[LEASE_HEADER] !== undefined;
}

/** A server has to understand the absolute form too (RFC 9112 section 3.2.2). */
function parseTarget(target = ''): URL | undefined {
  const text = target.startsWith('/') ? `http://localhost${target}` : target;
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** In bytes; as Netring does, 1 MB where nothing is said. */
function sizeOf({ searchParams }: URL): number | undefined {
  const text = searchParams.get('size') ?? '1';
  const bytes = /^\d{1,9}(\.\d{1,6})?$/.test(text) ? Math.round(Number(text) * MEGABYTE) : 0;
  return bytes > 0 ? bytes : undefined;
}
