import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

/** A TCP server on loopback that does with each connection what it is told to, and is gone at the end of its block. */
export class TcpServer implements AsyncDisposable {
  /** How each connection ended: by an end, or by an error's code. */
  readonly endings: string[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #ended = new Set<() => void>();

  private constructor(server: Server, talk: (socket: Socket) => void) {
    this.#server = server;
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      let ending = 'open';
      socket.on('end', () => {
        ending = 'end';
      });
      socket.on('error', (error) => {
        ending = 'code' in error ? String(error.code) : error.message;
      });
      socket.on('close', () => {
        this.#sockets.delete(socket);
        this.endings.push(ending);
        for (const each of this.#ended) each();
      });
      talk(socket);
    });
  }

  static async listen(talk: (socket: Socket) => void, host = '127.0.0.1', port = 0): Promise<TcpServer> {
    const server = createServer();
    const made = new TcpServer(server, talk);
    server.listen(port, host);
    await once(server, 'listening');
    return made;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the server does not listen');
    return address.port;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** Resolves when so many connections have ended. */
  async ended(count: number): Promise<readonly string[]> {
    while (this.endings.length < count) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          this.#ended.delete(done);
          resolve();
        };
        this.#ended.add(done);
      });
    }
    return this.endings;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** Reads what comes, so that its end is seen. */
export function hear(socket: Socket): void {
  socket.resume();
}

/** A port on which nobody listens: it was given out a moment ago, and closed. */
export async function closedPort(): Promise<number> {
  const server = await TcpServer.listen(hear);
  const { port } = server;
  await server[Symbol.asyncDispose]();
  return port;
}
