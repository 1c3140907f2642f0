import { cpus } from 'node:os';
import type { CpuUsage } from './host-facts.js';
import type { ReadText } from './proc-files.js';

/** Time since the start in ticks of any length, of all processors together. */
export interface CpuTimes {
  /** Who counted. A tick is of another length for each. */
  readonly by: 'kernel' | 'node';
  readonly count: number;
  readonly user: number;
  readonly system: number;
  readonly interrupts: number;
  readonly iowait: number;
  readonly steal: number;
  readonly idle: number;
}

export async function readCpuTimes(read: ReadText): Promise<CpuTimes | undefined> {
  const text = await read('/proc/stat');
  return text === undefined ? timesByNode() : parseCpuTimes(text);
}

/**
 * The lines "cpu" and "cpu<number>" of /proc/stat (proc(5)): user, nice, system, idle, iowait, irq, softirq, steal, guest, guest_nice. The time of
 * guests is in user and nice already.
 */
export function parseCpuTimes(stat: string): CpuTimes | undefined {
  const [, line] = /^cpu +(.+)$/m.exec(stat) ?? [];
  if (line === undefined) return undefined;
  const [user = Number.NaN, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = line
    .split(' ')
    .map(Number);
  // One that went below 0, as steal did on some hypervisors, is shown as nearly 2^64.
  if (![user, nice, system, idle, iowait, irq, softirq, steal].every(Number.isSafeInteger)) return undefined;
  const count = stat.match(/^cpu\d+ /gm)?.length ?? 0;
  return { by: 'kernel', count, user: user + nice, system, interrupts: irq + softirq, iowait, steal, idle };
}

function timesByNode(): CpuTimes | undefined {
  const list = cpus();
  if (list.length === 0) return undefined;
  const sum = (pick: (times: (typeof list)[number]['times']) => number) =>
    list.reduce((total, { times }) => total + pick(times), 0);
  return {
    by: 'node',
    count: list.length,
    user: sum(({ user, nice }) => user + nice),
    system: sum(({ sys }) => sys),
    interrupts: sum(({ irq }) => irq),
    iowait: 0,
    steal: 0,
    idle: sum(({ idle }) => idle),
  };
}

/** @returns undefined where nothing was counted in between. */
export function cpuUsage(before: CpuTimes | undefined, after: CpuTimes | undefined): CpuUsage | undefined {
  if (before === undefined || after === undefined || before.by !== after.by) return undefined;
  // Some of them go back now and then: iowait by what proc(5) says of it, all of one processor when that is taken away.
  const grown = (name: Exclude<keyof CpuTimes, 'by'>) => Math.max(0, after[name] - before[name]);
  const [user, system, interrupts] = [grown('user'), grown('system'), grown('interrupts')];
  const [iowait, steal, idle] = [grown('iowait'), grown('steal'), grown('idle')];
  const total = user + system + interrupts + iowait + steal + idle;
  if (total === 0) return undefined;
  return {
    count: after.count,
    utilisation: (user + system + interrupts + steal) / total,
    user: user / total,
    system: system / total,
    interrupts: interrupts / total,
    iowait: iowait / total,
    steal: steal / total,
    idle: idle / total,
  };
}
