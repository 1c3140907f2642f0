import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../lab/bounded.js';
import { environment } from '../lab/command.js';

/** How a {@link RedisProcess} is started. */
export interface RedisProcessOptions {
  /** Its own, for what it writes down. */
  readonly folder: string;
  /** Where it listens, as options of redis.conf. */
  readonly listening: Readonly<Record<string, string | number>>;
  /** Asks it for a PONG. */
  readonly ping: () => Promise<string>;
  /** What its command is put behind. @default nothing */
  readonly entry?: readonly string[];
}

/** A `redis-server` that writes down everything before it answers, and can be killed and started again. */
export class RedisProcess {
  readonly #options: RedisProcessOptions;
  #process: ChildProcess | undefined;

  constructor(options: RedisProcessOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Starts it (again), with what it had written down; or with nothing. */
  async start({ empty = false } = {}): Promise<void> {
    const { folder, listening, ping, entry = [] } = this.#options;
    if (empty) await rm(join(folder, 'appendonlydir'), { recursive: true, force: true });
    const options = { ...listening, dir: folder, save: '', appendonly: 'yes', appendfsync: 'always' };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, `${value}`]);
    const [program = '', ...words] = [...entry, 'redis-server', ...args];
    this.#process = spawn(program, words, { env: environment({ HOME: folder }), stdio: 'ignore' });
    await until(
      async () => (await ping().catch(() => '')) === 'PONG',
      () => 'for Redis to answer',
    );
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

  /** Kills it, and removes its folder. */
  async remove(): Promise<void> {
    await this.kill();
    await rm(this.#options.folder, { recursive: true, force: true });
  }
}
