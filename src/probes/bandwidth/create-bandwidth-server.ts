import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { type BandwidthHandler, createBandwidthHandler } from './bandwidth-handler.js';
import { MOST_STREAMS } from './bandwidth-options.js';
import { refuse } from './respond.js';
import { type BandwidthServerOptions, checkServerOptions, DEFAULT_HOST, DEFAULT_PORT } from './server-options.js';

/** A server that `probeBandwidth` tests against. */
export interface BandwidthServer extends AsyncDisposable {
  /** The IP address that it listens on. */
  readonly host: string;
  /** The TCP port. */
  readonly port: number;
  /** Ends all tests and connections. Resolves when nothing is left. */
  close(): Promise<void>;
}

/**
 * Starts a server for bandwidth tests. It keeps the process alive until it is closed.
 *
 * One test runs at a time on each of this host's links: a client asks for a lease, and gives it back. Who comes meanwhile is told when to ask
 * again. Plain HTTP clients are served as well: `curl -o /dev/null 'http://127.0.0.1:8757/bandwidth_test?size=10'`.
 *
 * @throws {InvalidOptionError} for a bad option; the system's error where it cannot listen.
 * @example
 * await using server = await createBandwidthServer({ host: '192.0.2.1', allow: ['192.0.2.0/24'] });
 */
export async function createBandwidthServer(options: BandwidthServerOptions = {}): Promise<BandwidthServer> {
  checkServerOptions('createBandwidthServer', options);
  const { host = DEFAULT_HOST, port = DEFAULT_PORT, ...rest } = options;
  const handler = createBandwidthHandler(rest);
  const server = createServer(LIMITS, (request, response) => {
    if (!handler.handle(request, response)) refuse(response, 404, 'there is nothing here but /bandwidth_test');
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.on('connection', watchConnections(handler));
  server.listen({ host, port });
  await once(server, 'listening');
  // What could not be accepted, as where memory is short, is no reason to end what was.
  server.on('error', () => {});
  return new Listening(server, handler, host);
}

class Listening implements BandwidthServer {
  readonly host: string;
  readonly port: number;
  readonly #server: Server;
  readonly #handler: BandwidthHandler;
  #closing: Promise<unknown> | undefined;

  constructor(server: Server, handler: BandwidthHandler, host: string) {
    this.#server = server;
    this.#handler = handler;
    const address = server.address();
    this.host = host;
    this.port = typeof address === 'object' && address !== null ? address.port : 0;
  }

  async close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => this.#server.close(resolve));
    this.#handler.close();
    this.#server.closeAllConnections();
    await this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * Those who are not served are told so, and are given a second for it. Together they count as one client, so that they leave room for those who
 * are.
 */
function watchConnections(handler: BandwidthHandler): (socket: Socket) => void {
  const counts = new Map<string, number>();
  return (socket) => {
    const address = socket.remoteAddress ?? '';
    const isServed = handler.allows(address);
    const client = isServed ? address : STRANGERS;
    const count = (counts.get(client) ?? 0) + 1;
    counts.set(client, count);
    const timer = isServed ? undefined : setTimeout(() => socket.destroy(), TIME_TO_REFUSE);
    socket.once('close', () => {
      clearTimeout(timer);
      const left = (counts.get(client) ?? 1) - 1;
      if (left > 0) counts.set(client, left);
      else counts.delete(client);
    });
    if (count > MOST_CONNECTIONS_OF_ONE) socket.destroy();
  };
}

/** Milliseconds, and bytes for the header. The bodies have no time limit here: leases end those. */
const LIMITS = {
  headersTimeout: 3_000,
  requestTimeout: 0,
  connectionsCheckingInterval: 500,
  maxHeaderSize: 8_192,
} as const;
const MOST_CONNECTIONS = 256;
/** 32 streams of an upload, while those of the download before it are being closed, and what asks for leases. */
const MOST_CONNECTIONS_OF_ONE = 2 * MOST_STREAMS + 8;
const STRANGERS = 'strangers';
const TIME_TO_REFUSE = 1_000;
