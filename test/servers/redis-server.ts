import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { RedisProcess } from './redis-process.js';
import { freePort } from './server-process.js';

/** A real Redis on loopback that writes down everything before it answers, in a folder of its own. */
export class RedisServer {
  readonly port: number;
  readonly #process: RedisProcess;
  readonly #clients: Redis[] = [];

  private constructor(folder: string, port: number) {
    this.port = port;
    this.#process = new RedisProcess({ folder, listening: { port, bind: '127.0.0.1' }, ping: () => this.#ping() });
  }

  static async start(): Promise<RedisServer> {
    const server = new RedisServer(await mkdtemp(join(tmpdir(), 'netpause-redis-')), await freePort());
    await server.resume();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** A client as a service has it: it gives up a command at once while there is no connection. */
  client(): Redis {
    const client = new Redis(this.port, '127.0.0.1', {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      retryStrategy: () => 50,
    });
    client.on('error', () => {});
    this.#clients.push(client);
    return client;
  }

  /** As `kill -9` does. */
  kill(): Promise<void> {
    return this.#process.kill();
  }

  /** Starts it again, with what it had written down; or with nothing. */
  resume(how: { readonly empty?: boolean } = {}): Promise<void> {
    return this.#process.start(how);
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.disconnect();
    await this.#process.remove();
  }

  async #ping(): Promise<string> {
    const client = new Redis(this.port, '127.0.0.1', { lazyConnect: true, retryStrategy: () => null });
    client.on('error', () => {});
    try {
      await client.connect();
      return await client.ping();
    } finally {
      client.disconnect();
    }
  }
}
