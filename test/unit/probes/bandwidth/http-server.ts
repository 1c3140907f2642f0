import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';

/** An HTTP server on loopback that does as a test says, and is gone at the end of its block. */
export class HttpServer implements AsyncDisposable {
  /** Method and path of each request. */
  readonly asked: string[] = [];
  /** Connections so far. */
  accepted = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(listener: RequestListener) {
    this.#server = createServer((request, response) => {
      this.asked.push(`${request.method} ${request.url}`);
      request.on('error', () => {});
      response.on('error', () => {});
      listener(request, response);
    });
    this.#server.on('connection', (socket: Socket) => {
      this.accepted += 1;
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  static async start(listener: RequestListener): Promise<HttpServer> {
    const server = new HttpServer(listener);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get target(): string {
    const address = this.#server.address();
    return `127.0.0.1:${typeof address === 'object' ? address?.port : undefined}`;
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

/** Answers for leases as a good server does, and has the rest to somebody else. */
export function withLease(rest: RequestListener, grant: object = {}): RequestListener {
  return (request, response) => {
    if (request.url !== '/bandwidth_test/lease') {
      rest(request, response);
      return;
    }
    request.resume();
    response.setHeader('Connection', 'close');
    response.end(JSON.stringify({ lease: 'abc', maxBytes: 2 ** 30, maxDuration: 60_000, ...grant }));
  };
}
