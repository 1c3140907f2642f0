import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { createRingStore } from '../../../src/ring/index.js';
import { until } from '../../lab/bounded.js';
import { environment } from '../../lab/command.js';

/** A Redis that writes down everything before it answers. It listens on a socket in a folder of its own, which every network namespace reaches. */
export class LabRedis implements AsyncDisposable {
  readonly socket: string;
  readonly #folder: string;
  #process: ChildProcess | undefined;

  private constructor(folder: string) {
    this.#folder = folder;
    this.socket = join(folder, 'socket');
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
    return this.#process?.pid;
  }

  /** As `kill -9` does. */
  async kill(): Promise<void> {
    const process = this.#process;
    this.#process = undefined;
    if (process === undefined) return;
    const ended = once(process, 'exit');
    process.kill('SIGKILL');
    await ended;
  }

  /** Starts it again, with what it has written down; or with nothing. */
  async resume({ empty = false } = {}): Promise<void> {
    if (empty) await rm(join(this.#folder, 'appendonlydir'), { recursive: true, force: true });
    const options = {
      port: 0,
      unixsocket: this.socket,
      dir: this.#folder,
      save: '',
      appendonly: 'yes',
      appendfsync: 'always',
    };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, `${value}`]);
    // However this process ends, it ends too.
    const ending = ['--pdeathsig', 'KILL', '--', 'redis-server', ...args];
    this.#process = spawn('setpriv', ending, { env: environment({ HOME: this.#folder }), stdio: 'ignore' });
    const answers = () => this.ask((client) => client.ping()).catch(() => '');
    await until(
      async () => (await answers()) === 'PONG',
      () => 'for Redis to answer',
    );
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

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
