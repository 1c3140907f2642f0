import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import {
  createServer as createHttp2Server,
  createSecureServer,
  type Http2Server,
  type SecureServerOptions,
} from 'node:http2';
import { createServer as createHttpsServer, type Server as HttpsServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

/** A server on loopback that is gone at the end of its block, connections and all. */
export class TestServer implements AsyncDisposable {
  /** Method and path of each request. */
  readonly asked: string[] = [];
  readonly #server: Server | Http2Server | HttpsServer;
  readonly #sockets = new Set<Socket>();

  constructor(server: Server | Http2Server | HttpsServer) {
    this.#server = server;
    const keep = (socket: Socket): void => {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => this.#sockets.delete(socket));
    };
    server.on('connection', keep);
    server.on('sessionError', () => {});
    server.on('tlsClientError', () => {});
  }

  async listen(host = '127.0.0.1'): Promise<this> {
    this.#server.listen(0, host);
    await once(this.#server, 'listening');
    return this;
  }

  get port(): number {
    const address: AddressInfo | string | null = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the server does not listen');
    return address.port;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

export function serveHttp(listener: RequestListener, host?: string): Promise<TestServer> {
  const server: TestServer = new TestServer(
    createServer((request, response) => {
      server.asked.push(`${request.method} ${request.url}`);
      listener(request, response);
    }),
  );
  return server.listen(host);
}

type Http2Listener = NonNullable<Parameters<typeof createHttp2Server>[1]>;

export function serveHttp2(listener: Http2Listener): Promise<TestServer> {
  return new TestServer(createHttp2Server(listener)).listen();
}

export function serveHttps(options: SecureServerOptions, listener: Http2Listener, host?: string): Promise<TestServer> {
  return new TestServer(createSecureServer({ allowHTTP1: true, ...options }, listener)).listen(host);
}

/** One that knows no HTTP/2. */
export function serveOldHttps(options: ServerOptions, listener: RequestListener): Promise<TestServer> {
  return new TestServer(createHttpsServer(options, listener)).listen();
}
