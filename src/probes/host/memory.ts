import { freemem, totalmem } from 'node:os';
import type { MemoryUsage } from './host-facts.js';
import type { ReadText } from './proc-files.js';

export async function readMemory(read: ReadText): Promise<MemoryUsage> {
  const text = await read('/proc/meminfo');
  return (text === undefined ? undefined : parseMemory(text)) ?? { total: totalmem(), free: freemem() };
}

/** /proc/meminfo counts in units of 1,024 bytes, and calls them kB (proc(5)). */
export function parseMemory(meminfo: string): MemoryUsage | undefined {
  const fields = new Map<string, number>();
  for (const [, name = '', size] of meminfo.matchAll(/^([^:\n]+): +(\d+) kB$/gm)) fields.set(name, Number(size) * 1024);
  const total = fields.get('MemTotal');
  const free = fields.get('MemFree');
  if (total === undefined || free === undefined) return undefined;
  const available = fields.get('MemAvailable');
  const optional = (name: string, key: 'buffers' | 'cached' | 'swapTotal' | 'swapFree') => {
    const value = fields.get(name);
    return value === undefined ? {} : { [key]: value };
  };
  return {
    total,
    free,
    ...(available !== undefined && {
      available,
      // What is put in place of the kernel's file for a container (lxcfs) may have more available than there is.
      ...(total > 0 && { utilisation: Math.max(0, total - available) / total }),
    }),
    ...optional('Buffers', 'buffers'),
    ...optional('Cached', 'cached'),
    ...optional('SwapTotal', 'swapTotal'),
    ...optional('SwapFree', 'swapFree'),
  };
}
