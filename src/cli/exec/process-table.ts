import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';

/** A process, as far as its place in the tree goes. */
export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** The process group in the foreground of its terminal; −1 where it has no terminal. */
  readonly foregroundGroup: number;
  /** In clock ticks since boot: together with the pid it names one process for good. */
  readonly startedAt: number;
  /** False for a zombie, which has ended and only waits for its parent to take note. */
  readonly runs: boolean;
}

/** Reads one line of /proc/PID/stat (proc_pid_stat(5)). The name in it may hold anything, parentheses and line feeds included. */
export function parseStat(stat: string): ProcessFacts | undefined {
  const nameEnd = stat.lastIndexOf(')');
  const pid = Number.parseInt(stat, 10);
  const fields = stat.slice(nameEnd + 2).split(' ');
  const number = (index: number): number => Number(fields[index] ?? Number.NaN);
  const numbers = { pid, parent: number(1), group: number(2), foregroundGroup: number(5), startedAt: number(19) };
  if (nameEnd === -1 || !Object.values(numbers).every(Number.isInteger)) return undefined;
  return { ...numbers, runs: fields[0] !== 'Z' && fields[0] !== 'X' };
}

/** A process and all that descend from it, parents first. */
export function familyOf(pid: number, table: readonly ProcessFacts[]): readonly ProcessFacts[] {
  const family = table.filter((each) => each.pid === pid);
  // The list grows while it is walked.
  for (const { pid: parent } of family)
    family.push(...table.filter((each) => each.parent === parent && each.pid !== pid));
  return family;
}

/** Whether what is typed at the terminal, such as Ctrl-C, reaches a process and what it has started by itself. */
export function isInForeground({ group, foregroundGroup }: ProcessFacts): boolean {
  return group === foregroundGroup;
}

/** This very process, read at once: a signal handler cannot wait. */
export function readSelf(): ProcessFacts | undefined {
  try {
    return parseStat(readFileSync('/proc/self/stat', 'utf8'));
  } catch {
    return undefined;
  }
}

/** One process; undefined when there is none of this number, or no /proc. */
export async function readProcess(pid: number): Promise<ProcessFacts | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat === undefined ? undefined : parseStat(stat);
}

/** All processes of this system; none where there is no /proc. */
export async function readProcesses(): Promise<readonly ProcessFacts[]> {
  const entries = await readdir('/proc').catch(() => []);
  const pids = entries.filter((entry) => /^\d+$/.test(entry)).map(Number);
  const processes = await Promise.all(pids.map(readProcess));
  return processes.filter((facts) => facts !== undefined);
}
