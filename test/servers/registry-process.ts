import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { environment } from '../lab/command.js';

const TYPESCRIPT = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const PROGRAM = fileURLToPath(new URL('registry-program.ts', import.meta.url));

/** How a {@link RegistryProcess} runs. */
export interface RegistryProcessOptions {
  readonly redisPort: number;
  /** Who is told when nobody is in dc1. */
  readonly webhook?: string;
  /** What its clock is set to, as faketime has it: `'+1h'`. */
  readonly clock?: string;
}

/** A registry in a process of its own, with Redis. */
export class RegistryProcess implements AsyncDisposable {
  readonly url: string;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, url: string) {
    this.#process = process;
    this.url = url;
  }

  static async start({ redisPort, webhook, clock }: RegistryProcessOptions): Promise<RegistryProcess> {
    const node = [
      process.execPath,
      '--import',
      TYPESCRIPT,
      PROGRAM,
      `${redisPort}`,
      ...(webhook === undefined ? [] : [webhook]),
    ];
    const [program = '', ...args] = clock === undefined ? node : ['faketime', '-f', clock, ...node];
    // A group of its own: faketime has what it starts as a child.
    const child = spawn(program, args, { env: environment(), stdio: ['ignore', 'pipe', 'inherit'], detached: true });
    const [line] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit').then(() => [''])]);
    const url = `${line}`.trim();
    if (!url.startsWith('http')) throw new Error('the registry did not start');
    return new RegistryProcess(child, url);
  }

  /** As `kill -9` does. */
  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, 'exit');
    if (this.#process.pid !== undefined) process.kill(-this.#process.pid, 'SIGKILL');
    await ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}
