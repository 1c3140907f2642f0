import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A way to a server on loopback on which everything takes as long as on a long line, except for the handshake. */
export class DelayingPath implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(port: number, roundTrip: number) {
    this.#server = createServer((near) => {
      const far = connect({ host: '127.0.0.1', port });
      this.#carry(near, far, roundTrip / 2);
      this.#carry(far, near, roundTrip / 2);
    });
  }

  /** @param roundTrip milliseconds. */
  static async start(port: number, roundTrip: number): Promise<DelayingPath> {
    const path = new DelayingPath(port, roundTrip);
    path.#server.listen(0, '127.0.0.1');
    await once(path.#server, 'listening');
    return path;
  }

  get target(): string {
    const address = this.#server.address();
    return `127.0.0.1:${typeof address === 'object' ? address?.port : undefined}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #carry(from: Socket, to: Socket, delay: number): void {
    this.#sockets.add(from);
    from.on('error', () => {});
    from.on('data', (chunk) => {
      setTimeout(() => to.write(chunk), delay);
    });
    from.once('close', () => {
      this.#sockets.delete(from);
      setTimeout(() => to.destroy(), delay);
    });
  }
}
