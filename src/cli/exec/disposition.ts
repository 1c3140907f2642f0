import { EXIT, exitCodeOfSignal } from '../exit-codes.js';
import { printable } from '../text/fit.js';

/** How a command ended. */
export type Ending =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'killed'; readonly signal: NodeJS.Signals }
  /** It could not be started; the code is that of execve(2), such as `'ENOENT'`. */
  | { readonly kind: 'not-started'; readonly program: string; readonly code: string };

/** Under what circumstances it ended. */
export interface Circumstances {
  /** What ended it early, if anything: we did, because the network was lost or the time was over, or the user, by a signal to us. */
  readonly endedEarlyBy: 'nobody' | 'us' | 'user';
  /** Exit codes by which the command gives an answer, whatever the network did meanwhile. */
  readonly finalCodes: ReadonlySet<number>;
}

/**
 * What is to be made of it.
 *
 * - `done`: it succeeded.
 * - `final`: it is over, and how it ended is how we end.
 * - `failed`: it failed by itself, and that counts.
 * - `perhaps-network`: it failed as it would without a network. Whether there was none, the monitor knows: then it is run again and nothing
 *   counts; otherwise it counts.
 * - `interrupted`: we ended it. Why, the Retryer knows.
 */
export type Disposition = 'done' | 'final' | 'failed' | 'perhaps-network' | 'interrupted';

/** Ending → what is to be made of it. Pure; every row of the guide's table is a test. */
export function disposeOf(ending: Ending, { endedEarlyBy, finalCodes }: Circumstances): Disposition {
  if (ending.kind === 'exited' && ending.code === EXIT.ok) return 'done';
  if (ending.kind === 'not-started' || endedEarlyBy === 'user') return 'final';
  // It may also have ended by itself in the moment in which we gave it the signal: there is no telling, and the network was lost in any case.
  if (endedEarlyBy === 'us') return 'interrupted';
  return ending.kind === 'exited' ? disposeOfCode(ending.code, finalCodes) : disposeOfSignal(ending.signal);
}

/** What we exit with for it. */
export function exitCodeOf(ending: Ending): number {
  if (ending.kind === 'exited') return ending.code;
  if (ending.kind === 'killed') return exitCodeOfSignal(ending.signal);
  return ending.code === 'ENOENT' ? EXIT.notFound : EXIT.cannotRun;
}

export function describeEnding(ending: Ending): string {
  if (ending.kind === 'exited') return `exit code ${ending.code}`;
  return ending.kind === 'killed'
    ? `ended by ${ending.signal}`
    : `${printable(ending.program)}: ${whyNotStarted(ending)}`;
}

/** In the words of a shell. */
function whyNotStarted({ program, code }: { readonly program: string; readonly code: string }): string {
  if (code === 'EACCES') return 'permission denied';
  if (code !== 'ENOENT') return `cannot be started (${code})`;
  // A path is not looked for; of a script it may also be the interpreter that is missing.
  return program.includes('/') ? 'no such file, or no interpreter for it' : 'command not found';
}

function disposeOfCode(code: number, finalCodes: ReadonlySet<number>): Disposition {
  if (finalCodes.has(code)) return 'final';
  // A shell that did not find what it should run, or may not: POSIX, Shell Command Language, 2.8.2.
  return code === EXIT.cannotRun || code === EXIT.notFound ? 'failed' : 'perhaps-network';
}

function disposeOfSignal(signal: NodeJS.Signals): Disposition {
  if (CRASHES.has(signal)) return 'failed';
  // Written into a connection that is gone; a time limit of its own.
  if (signal === 'SIGPIPE' || signal === 'SIGALRM') return 'perhaps-network';
  // Somebody wanted it to end.
  return 'final';
}

const CRASHES: ReadonlySet<NodeJS.Signals> = new Set([
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGILL',
  'SIGSEGV',
  'SIGSYS',
  'SIGTRAP',
]);
