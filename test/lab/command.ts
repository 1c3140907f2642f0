import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { PATIENCE } from './bounded.js';

/** A program and its arguments, handed to the kernel as they are: no shell reads them. */
export type Argv = readonly [program: string, ...args: string[]];

export interface CommandOptions {
  /** What the program reads from its standard input. It is empty by default. */
  readonly input?: string | Uint8Array;
  /** Milliseconds after which the program is killed and the command counts as failed. @default 20_000 */
  readonly timeout?: number;
}

export interface CommandOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/** A program could not be started, ended with another code than 0, or took too long. */
export class CommandError extends Error {
  override readonly name = 'CommandError';

  constructor(
    readonly command: Argv,
    /** How it ended, as a phrase: `'exited with code 2'`. */
    readonly outcome: string,
    readonly stdout: string,
    readonly stderr: string,
  ) {
    super(`${command.join(' ')} ${outcome}${stderr && `: ${stderr.trim()}`}`);
  }
}

/**
 * Runs a program to its end.
 *
 * @throws {CommandError} with what the program said.
 */
export function runCommand(
  argv: Argv,
  { input = '', timeout = PATIENCE }: CommandOptions = {},
): Promise<CommandOutput> {
  const [program, ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: environment(), stdio: ['pipe', 'pipe', 'pipe'] });
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    const fail = (outcome: string) => {
      clearTimeout(timer);
      reject(new CommandError(argv, outcome, stdout(), stderr()));
    };
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      // Something that it has started may hold its pipes open.
      child.stdout.destroy();
      child.stderr.destroy();
      fail(`took longer than ${timeout} ms`);
    }, timeout);
    child.once('error', (error) => fail(`could not be started (${error.message})`));
    child.once('close', (code, signal) => {
      if (code !== 0) return fail(code === null ? `was ended by ${signal}` : `exited with code ${code}`);
      clearTimeout(timer);
      resolve({ stdout: stdout(), stderr: stderr() });
    });
    // A program that does not read its input to the end is none the worse for it.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

/** Our own environment, and the folders of the system's tools in the path: Debian leaves them out of an ordinary user's. */
export function environment(additional: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`, ...additional };
}

/** Lets our process end while the child still runs; the child notices by the end of its pipes, and ends too. */
export function unreference(child: ChildProcess): void {
  child.unref();
  for (const pipe of child.stdio) if (pipe instanceof Socket) pipe.unref();
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString();
}
