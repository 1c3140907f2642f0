import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A link on loopback: whatever connects to `port` reaches the server, at a bounded rate, and not at all while the link is cut. */
export interface SimulatedLink extends AsyncDisposable {
  readonly port: number;
  /** Nothing passes any more, either way. As on a real link, the connections do not notice. */
  cut(): void;
  mend(): void;
}

/** How often bytes are let through, in milliseconds. */
const TICK = 10;

/**
 * Starts a link to a port on loopback.
 *
 * @param rate bits per second towards the server, shared fairly by all connections.
 */
export async function createSimulatedLink(serverPort: number, rate: number): Promise<SimulatedLink> {
  const bytesPerTick = (rate / 8 / 1000) * TICK;
  const connections = new Set<Connection>();
  let whole = true;
  let budget = 0;

  /** Lets every connection pass one chunk. @returns the bytes that passed. */
  const passRound = () => [...connections].reduce((bytes, connection) => bytes + connection.passOne(), 0);
  const tick = () => {
    // What a round was too much is missing from the next tick; what nobody used is lost.
    budget = Math.min(budget, 0) + bytesPerTick;
    for (let bytes = passRound(); bytes > 0; bytes = budget > 0 ? passRound() : 0) {
      budget -= bytes;
    }
    for (const connection of connections) {
      connection.passAnswers();
    }
  };
  const timer = setInterval(() => {
    if (whole) {
      tick();
    }
  }, TICK);

  const server = createServer((near) => {
    const connection = new Connection(near, connect({ port: serverPort, host: '127.0.0.1', allowHalfOpen: true }));
    connections.add(connection);
    near.once('close', () => connections.delete(connection));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();

  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    cut() {
      whole = false;
    },
    mend() {
      whole = true;
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      for (const { near } of connections) {
        near.destroy();
      }
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Both ends of one connection and what is on its way between them. */
class Connection {
  readonly #requests: Buffer[] = [];
  readonly #answers: (() => void)[] = [];

  constructor(
    readonly near: Socket,
    readonly far: Socket,
  ) {
    // Read as it comes, whatever the rate: only who reads notices that the client has given up, and must not deliver what it left behind.
    near.on('data', (chunk) => this.#requests.push(chunk));
    near.on('error', () => {});
    near.on('close', () => far.destroy());
    far.on('data', (chunk) => this.#answers.push(() => near.write(chunk)));
    far.on('end', () => this.#answers.push(() => near.end()));
    far.on('error', () => near.destroy());
  }

  /** Passes one chunk to the server. @returns its bytes, or 0 where there is none. */
  passOne(): number {
    const chunk = this.#requests.shift();
    if (chunk !== undefined) {
      this.far.write(chunk);
    }
    return chunk?.length ?? 0;
  }

  passAnswers(): void {
    for (const pass of this.#answers.splice(0)) {
      pass();
    }
  }
}
