import { readFileSync } from 'node:fs';

/** Options of Node for a heap that stays close to what is needed, as it does in `netpause ring registry` and `ring member`. */
export const SMALL_HEAP = ['--optimize-for-size'];

/** What a process holds of the machine's memory now, in megabytes (of 1,000,000 bytes). */
export function memoryOf(pid: number): number {
  return read(pid, 'VmRSS');
}

/** The most that it has held. */
export function peakMemoryOf(pid: number): number {
  return read(pid, 'VmHWM');
}

function read(pid: number, name: string): number {
  const [, kibibytes = ''] =
    new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return (Number(kibibytes) * 1_024) / 1e6;
}
