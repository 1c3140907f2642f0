import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { PATIENCE, until, within } from '../../lab/bounded.js';
import { environment } from '../../lab/command.js';
import type { Host } from '../../lab/index.js';
import { BEGUN } from './compile.js';

/** What became of a program. */
export interface Outcome {
  readonly ending: 'exited with code 0' | 'was running' | `failed with ${string}`;
  readonly stderr: string;
}

/** How long a program that does not end is watched for errors once it has begun, in milliseconds. It is no bound for anything to happen. */
const WATCHED = 1_500;

const ENVIRONMENT = {
  // The test runner's own.
  NODE_OPTIONS: '',
  // The AWS SDK's announcement of its end of support for the running Node.
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
};

/** Runs a program of {@link compilePrograms} in a host until it ends, or until it has been watched for long enough; then it is ended. */
export async function runProgram(host: Host, folder: string, preload: string): Promise<Outcome> {
  const [command, ...args] = host.namespace.command([
    'env',
    `--chdir=${folder}`,
    process.execPath,
    // `await using` and node:ffi may be announced as experimental by one Node and not by the next.
    '--disable-warning=ExperimentalWarning',
    '--import',
    preload,
    'main.js',
  ]);
  const child = spawn(command, args, { env: environment(ENVIRONMENT), stdio: ['ignore', 'pipe', 'pipe'] });
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const closed = once(child, 'close');
  await until(
    () => hasEnded(child) || stdout().includes(BEGUN),
    () => `the example does not begin: ${stderr()}`,
  );
  await Promise.race([closed, delay(WATCHED, undefined, { ref: false })]);
  const ending = hasEnded(child) ? endingOf(child) : 'was running';
  await end(child, closed);
  return { ending, stderr: stderr() };
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

function hasEnded({ exitCode, signalCode }: Child): boolean {
  return exitCode !== null || signalCode !== null;
}

function endingOf({ exitCode, signalCode }: Child): Outcome['ending'] {
  if (exitCode === 0) return 'exited with code 0';
  return `failed with ${exitCode === null ? signalCode : `code ${exitCode}`}`;
}

/** As a supervisor does; whatever does not heed it ends with the host. */
async function end(child: Child, closed: Promise<unknown>): Promise<void> {
  if (!hasEnded(child)) child.kill('SIGTERM');
  await within(PATIENCE, () => 'an example does not end at SIGTERM', closed);
}

function collect(stream: Readable): () => string {
  const chunks: string[] = [];
  stream.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
  return () => chunks.join('');
}
