import { readdirSync, readFileSync } from 'node:fs';

/** What a process has cost so far, all its threads together. */
export interface Cost {
  /** Time on a processor, in milliseconds. */
  readonly cpu: number;
  /** How often it went to sleep, and so was woken. */
  readonly wakeups: number;
}

/** Read from outside, so that the process does nothing for it. The scheduler counts in nanoseconds, where /proc/PID/stat has ticks of 10 ms. */
export function costOf(pid: number): Cost {
  const tasks = readdirSync(`/proc/${pid}/task`).map((task) => `/proc/${pid}/task/${task}`);
  return {
    cpu: sum(tasks.map((task) => Number(readFileSync(`${task}/schedstat`, 'utf8').split(' ')[0]) / 1e6)),
    wakeups: sum(tasks.map((task) => field(`${task}/status`, 'voluntary_ctxt_switches'))),
  };
}

export function costBetween(before: Cost, after: Cost): Cost {
  return { cpu: after.cpu - before.cpu, wakeups: after.wakeups - before.wakeups };
}

/** Bytes of memory that are the process's own and backed by no file: heap, stacks, compiled code. */
export function anonymousMemoryOf(pid: number): number {
  return field(`/proc/${pid}/smaps_rollup`, 'Anonymous') * 1_024;
}

function field(path: string, name: string): number {
  const value = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(path, 'utf8'))?.[1];
  if (value === undefined) throw new Error(`${path} has no ${name}`);
  return Number(value);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
