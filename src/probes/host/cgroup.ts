import { posix } from 'node:path';
import type { CgroupLimits } from './host-facts.js';
import { parseMounts } from './mounts.js';
import { type ReadText, toCount } from './proc-files.js';

/** Limits of cgroup v2 (Documentation/admin-guide/cgroup-v2.rst); undefined where this process is in none, or it cannot be seen. */
export async function readCgroup(read: ReadText): Promise<CgroupLimits | undefined> {
  const [, path] = /^0::(\/.*)$/m.exec((await read('/proc/self/cgroup')) ?? '') ?? [];
  const mount = parseMounts((await read('/proc/self/mountinfo')) ?? '').find(({ type }) => type === 'cgroup2');
  if (path === undefined || mount === undefined) return undefined;
  // The mount may show a part of the tree only, as of a container without a cgroup namespace.
  const below =
    mount.root === '/'
      ? path
      : path.startsWith(`${mount.root}/`) || path === mount.root
        ? path.slice(mount.root.length)
        : undefined;
  if (below === undefined || below.split('/').includes('..')) return undefined;
  const groups = selfAndAncestors(below).map((group) => posix.join(mount.path, group));
  const memory = await Promise.all(groups.map(async (group) => toCount(await read(`${group}/memory.max`))));
  const cpu = await Promise.all(groups.map(async (group) => parseCpuMax(await read(`${group}/cpu.max`))));
  const memoryLimit = least(memory);
  const cpuLimit = least(cpu);
  const memoryUsed = toCount(await read(`${groups[0]}/memory.current`));
  return {
    path,
    ...(memoryLimit !== undefined && { memoryLimit }),
    ...(memoryUsed !== undefined && { memoryUsed }),
    ...(cpuLimit !== undefined && { cpuLimit }),
  };
}

/** "quota period", both in microseconds, or "max period". */
export function parseCpuMax(text: string | undefined): number | undefined {
  const [, quota, period] = /^(\d+) (\d+)$/.exec(text?.trim() ?? '') ?? [];
  const limit = Number(quota) / Number(period);
  return Number.isFinite(limit) ? limit : undefined;
}

function selfAndAncestors(path: string): readonly string[] {
  const names = path.split('/').filter((name) => name !== '');
  return [...names.map((_, index) => names.slice(0, names.length - index).join('/')), ''];
}

function least(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
