import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { until } from '../lab/bounded.js';
import { environment } from '../lab/command.js';
import { freePort } from './server-process.js';

/** A real Redis on loopback that writes down everything before it answers, in a folder of its own. */
export class RedisServer {
  readonly port: number;
  readonly #folder: string;
  readonly #clients: Redis[] = [];
  #process: ChildProcess | undefined;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.port = port;
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
  async kill(): Promise<void> {
    const process = this.#process;
    this.#process = undefined;
    if (process === undefined) return;
    const ended = once(process, 'exit');
    process.kill('SIGKILL');
    await ended;
  }

  /** Starts it (again), with what it had written down; or with nothing. */
  async resume({ empty = false } = {}): Promise<void> {
    if (empty) await rm(join(this.#folder, 'appendonlydir'), { recursive: true, force: true });
    const options = {
      port: this.port,
      bind: '127.0.0.1',
      dir: this.#folder,
      save: '',
      appendonly: 'yes',
      appendfsync: 'always',
    };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, `${value}`]);
    this.#process = spawn('redis-server', args, { env: environment({ HOME: this.#folder }), stdio: 'ignore' });
    const client = this.client();
    await until(
      async () => (await client.ping().catch(() => '')) === 'PONG',
      () => 'for Redis to answer',
    );
    client.disconnect();
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.disconnect();
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
