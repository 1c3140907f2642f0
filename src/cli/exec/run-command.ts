import { type ChildProcess, spawn } from 'node:child_process';
import { toError } from '../../errors/index.js';
import type { Ending } from './disposition.js';
import { familyOf, type ProcessFacts, readProcess, readProcesses } from './process-table.js';

export type Argv = readonly [program: string, ...args: string[]];

/** One run of the command. */
export interface CommandRun {
  /** How it ended. Where it was ended by {@link end}, only when nothing of it runs any more. */
  readonly ended: Promise<Ending>;
  /** Hands a signal on to the command itself, and to nobody that it has started: that is the command's affair. */
  signal(signal: NodeJS.Signals): void;
  /** Ends the command and all that it has started: politely, and after the grace, in milliseconds, by SIGKILL. */
  end(grace: number): void;
}

/** Starts a command on our own terminal or pipes, without a shell. */
export function runCommand([program, ...args]: Argv): CommandRun {
  try {
    return follow(spawn(program, args, { stdio: 'inherit' }), program);
  } catch (error) {
    // Of the reasons for which execve(2) fails, Node emits a few and throws the others, such as ENOTDIR and ENAMETOOLONG.
    return neverStarted(program, error);
  }
}

function neverStarted(program: string, error: unknown): CommandRun {
  // Node refuses the empty name before it asks the kernel, which would say this.
  const code = program === '' ? 'ENOENT' : codeOf(toError(error));
  return { ended: Promise.resolve({ kind: 'not-started', program, code }), signal() {}, end() {} };
}

function follow(child: ChildProcess, program: string): CommandRun {
  let ending: Promise<void> | undefined;
  const closed = endingOf(child, program);
  return {
    ended: closed.then(async (how) => {
      await ending;
      return how;
    }),
    signal: (signal) => {
      child.kill(signal);
    },
    end: (grace) => {
      ending ??= endFamily(child, closed, grace);
    },
  };
}

function endingOf(child: ChildProcess, program: string): Promise<Ending> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      // A signal that could not be sent is reported by the same event.
      if (child.pid === undefined) resolve({ kind: 'not-started', program, code: codeOf(error) });
    });
    child.once('exit', (code, signal) => {
      resolve(signal === null ? { kind: 'exited', code: code ?? 0 } : { kind: 'killed', signal });
    });
  });
}

/**
 * A shell that is ended leaves behind what it was waiting for, and that would go on beside its own repetition. A process group would catch all of
 * them, but one of its own is cut off from the terminal; so they are looked up by descent.
 */
async function endFamily(child: ChildProcess, closed: Promise<unknown>, grace: number): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  const family = familyOf(pid, await readProcesses());
  // The command itself by its handle, which also works where there is no /proc.
  child.kill('SIGTERM');
  const others = family.filter((each) => each.pid !== pid);
  for (const each of others) kill(each.pid, 'SIGTERM');
  const hurry = setTimeout(() => {
    child.kill('SIGKILL');
    void killSurvivors(others);
  }, grace);
  try {
    await closed;
    while ((await survivorsOf(others)).length > 0) await pause(SURVIVOR_INTERVAL);
  } finally {
    clearTimeout(hurry);
  }
}

/** Nobody tells us of the end of a process that is not our child. Milliseconds. */
const SURVIVOR_INTERVAL = 50;

async function killSurvivors(family: readonly ProcessFacts[]): Promise<void> {
  for (const { pid } of await survivorsOf(family)) kill(pid, 'SIGKILL');
}

/** Those that still run, and are not another process by now that was given the same number. */
async function survivorsOf(family: readonly ProcessFacts[]): Promise<readonly ProcessFacts[]> {
  const now = await Promise.all(family.map(({ pid }) => readProcess(pid)));
  return family.filter((each, index) => now[index]?.runs === true && now[index].startedAt === each.startedAt);
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile, or is not ours any more.
  }
}

function pause(duration: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, duration));
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : 'UNKNOWN';
}
