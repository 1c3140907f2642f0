import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** What a server was asked, once all of it has come. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Answers the request that is the `count`-th, from 1; or leaves it hanging, by doing nothing. */
export type Answer = (response: ServerResponse, asked: Asked, count: number) => void;

/** A server on loopback that answers as a test says, and remembers what it was asked. */
export class HttpServer implements AsyncDisposable {
  readonly asked: Asked[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #waiting = new Set<() => void>();
  #ended = 0;

  /** @param port 0 for one that is free. */
  static async open(answer: Answer, port = 0): Promise<HttpServer> {
    const server = new HttpServer(answer);
    await new Promise<void>((resolve) => server.#server.listen(port, '127.0.0.1', resolve));
    return server;
  }

  private constructor(answer: Answer) {
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      try {
        for await (const chunk of request) chunks.push(chunk);
      } catch {
        return;
      }
      const { method = '', url = '', headers } = request;
      const asked = { method, path: url, headers, body: Buffer.concat(chunks).toString() };
      this.asked.push(asked);
      this.#wakeAll();
      response.on('close', () => {
        this.#ended += 1;
        this.#wakeAll();
      });
      answer(response, asked, this.asked.length);
    });
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  get port(): number {
    return addressOf(this.#server).port;
  }

  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  url(path = '/'): string {
    return `http://${this.host}${path}`;
  }

  /** Resolves when so many requests have come in all. */
  async requests(count: number): Promise<void> {
    await this.#until(() => this.asked.length >= count);
  }

  /** Resolves when so many requests have been answered, or their connections are gone. */
  async ended(count: number): Promise<void> {
    await this.#until(() => this.#ended >= count);
  }

  cutConnections(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.cutConnections();
    await closed;
  }

  #wakeAll(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
      });
    }
  }
}

/** A port on loopback that nobody listens on. */
export async function deadPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = addressOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen');
  return address;
}

/** Lets everything run that is due without time. */
export async function turn(): Promise<void> {
  for (let count = 0; count < 20; count += 1) await new Promise((resolve) => setImmediate(resolve));
}
