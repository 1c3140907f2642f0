import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Argv, environment, runCommand } from '../../test/lab/command.js';
import type { Host } from '../../test/lab/index.js';

/** Whether a program is on this machine. */
export async function isInstalled(program: string): Promise<boolean> {
  return runCommand(['which', program]).then(
    () => true,
    () => false,
  );
}

/** A program that runs in a host of the lab until it is ended. */
export class CommandProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #output = '';

  constructor(host: Host, argv: Argv) {
    const [program, ...args] = host.namespace.command(argv);
    this.#child = spawn(program, args, { env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child.stdout?.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#child.stderr?.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#ended = once(this.#child, 'close');
  }

  /** That of the program itself: what enters the namespace becomes it. */
  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('the program could not be started');
    return this.#child.pid;
  }

  /** All that it has printed so far. */
  get output(): string {
    return this.#output;
  }

  /** Resolves when it has ended by itself. */
  async ended(): Promise<void> {
    await this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  #take(chunk: Buffer): void {
    this.#output += chunk;
  }
}
