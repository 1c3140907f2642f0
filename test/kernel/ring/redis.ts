import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { createRingStore } from '../../../src/ring/index.js';
import { RedisProcess } from '../../servers/redis-process.js';

/** A Redis that writes down everything before it answers. It listens on a socket in a folder of its own, which every network namespace reaches. */
export class LabRedis implements AsyncDisposable {
  readonly socket: string;
  readonly #process: RedisProcess;

  private constructor(folder: string) {
    this.socket = join(folder, 'socket');
    this.#process = new RedisProcess({
      folder,
      listening: { port: 0, unixsocket: this.socket },
      ping: () => this.ask((client) => client.ping()),
      // However this process ends, it ends too.
      entry: ['setpriv', '--pdeathsig', 'KILL', '--'],
    });
  }

  static async start(): Promise<LabRedis> {
    const redis = new LabRedis(await mkdtemp(join(tmpdir(), 'netpause-ring-redis-')));
    try {
      await redis.resume();
      return redis;
    } catch (error) {
      await redis[Symbol.asyncDispose]();
      throw error;
    }
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** As `kill -9` does. */
  kill(): Promise<void> {
    return this.#process.kill();
  }

  /** Starts it again, with what it has written down; or with nothing. */
  resume(how: { readonly empty?: boolean } = {}): Promise<void> {
    return this.#process.start(how);
  }

  /** When each member's report was taken that is kept; by the members' clocks. */
  async reportTimes(): Promise<ReadonlyMap<string, number>> {
    return this.ask(async (client) => {
      await using store = createRingStore({ client });
      await store.start();
      return new Map(store.list('metrics').map(({ key, value }) => [key, Number(value['taken_at'])]));
    });
  }

  /** Asks it over a connection of its own. */
  async ask<Answer>(question: (client: Redis) => Promise<Answer>): Promise<Answer> {
    const client = new Redis({
      path: this.socket,
      lazyConnect: true,
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
    });
    client.on('error', () => {});
    try {
      await client.connect();
      return await question(client);
    } finally {
      client.disconnect();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process.remove();
  }
}
