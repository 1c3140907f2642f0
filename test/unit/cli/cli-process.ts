import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The words that run the command, as it was bundled for the tests. */
export const NETPAUSE: readonly string[] = [
  process.execPath,
  fileURLToPath(new URL('../../../generated/command/main.mjs', import.meta.url)),
];

/** The words that run it from its sources, which takes several times as long to start. */
export const NETPAUSE_FROM_SOURCES: readonly string[] = [
  process.execPath,
  '--import',
  pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href,
  fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url)),
];

export interface CliOptions {
  /** Words before the command, such as those that lead into a host of the lab. */
  readonly prefix?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** How the command ended: an exit code, or a signal that it did not take. */
export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Longer than anything here takes on a busy machine, in milliseconds. */
const PATIENCE = 30_000;

/** The command, running on pipes. */
export class CliProcess {
  readonly child: ChildProcessWithoutNullStreams;
  #stdout = '';
  #stderr = '';

  constructor(words: readonly string[], { env = {} }: CliOptions = {}) {
    const [program = '', ...args] = words;
    const { NO_COLOR, FORCE_COLOR, ...ownEnv } = process.env;
    this.child = spawn(program, args, { env: { ...ownEnv, LC_ALL: 'C.UTF-8', ...env } });
    this.child.stdout.on('data', (chunk: Buffer) => {
      this.#stdout += chunk;
    });
    this.child.stderr.on('data', (chunk: Buffer) => {
      this.#stderr += chunk;
    });
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  async ended(): Promise<CliResult> {
    await this.#bounded(async (signal) => {
      if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'close', { signal });
    });
    return { code: this.child.exitCode, stdout: this.#stdout, stderr: this.#stderr };
  }

  /** Waits until standard output holds these words. */
  says(words: string | RegExp): Promise<void> {
    return this.saysSo((output) => holds(output, words), `to say ${words}`);
  }

  /** Waits until standard output is as it should be. */
  async saysSo(isSo: (output: string) => boolean, what = 'to say what it should'): Promise<void> {
    await this.#bounded(async (signal) => {
      while (!isSo(this.#stdout)) await once(this.child.stdout, 'data', { signal });
    }, what);
  }

  /** Waits until standard error holds these words. */
  async complains(words: string | RegExp): Promise<void> {
    await this.#bounded(async (signal) => {
      while (!holds(this.#stderr, words)) await once(this.child.stderr, 'data', { signal });
    }, `to complain: ${words}`);
  }

  async #bounded(wait: (signal: AbortSignal) => Promise<void>, what = 'to end'): Promise<void> {
    try {
      await wait(AbortSignal.timeout(PATIENCE));
    } catch (cause) {
      this.child.kill('SIGKILL');
      throw new Error(`waited for the command ${what}; it said:\n${this.#stdout}\n${this.#stderr}`, { cause });
    }
  }
}

function holds(text: string, words: string | RegExp): boolean {
  return typeof words === 'string' ? text.includes(words) : words.test(text);
}

export function startCli(args: readonly string[], options: CliOptions = {}): CliProcess {
  return new CliProcess([...(options.prefix ?? []), ...NETPAUSE, ...args], options);
}

export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const cli = startCli(args, options);
  cli.child.stdin.end();
  return cli.ended();
}
