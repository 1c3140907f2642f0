import { type StatsFs, statfs } from 'node:fs';
import { orAborted } from '../../events/index.js';
import type { DiskUsage } from './host-facts.js';
import { dataMounts, parseMounts } from './mounts.js';
import type { ReadText } from './proc-files.js';

/** What is to be measured. */
type Place = Pick<DiskUsage, 'path' | 'device' | 'type'>;

/**
 * Measures file systems. One that does not answer until the signal aborts, such as NFS whose server is gone, keeps a thread of Node's pool until it
 * does; so they are asked one after another, and no more of them once one hangs.
 *
 * @param paths which; the mounted ones that hold data where there are none.
 */
export async function readDisks(
  paths: readonly string[] | undefined,
  read: ReadText,
  signal: AbortSignal,
): Promise<readonly DiskUsage[]> {
  const places = paths?.map((path): Place => ({ path })) ?? (await mountedDisks(read));
  const disks: DiskUsage[] = [];
  for (const place of places) disks.push(await measure(place, signal));
  // What df(1) leaves out as well.
  return paths === undefined ? disks.filter(({ total }) => total !== 0) : disks;
}

async function mountedDisks(read: ReadText): Promise<readonly Place[]> {
  const mounts = dataMounts(parseMounts((await read('/proc/self/mountinfo')) ?? ''));
  return mounts.map(({ path, device, type }) => ({ path, device, type }));
}

async function measure(place: Place, signal: AbortSignal): Promise<DiskUsage> {
  if (signal.aborted) return { ...place, error: 'timeout' };
  try {
    return { ...place, ...usage(await orAborted(askFileSystem(place.path), signal)) };
  } catch (error) {
    return { ...place, error: signal.aborted ? 'timeout' : codeOf(error) };
  }
}

function askFileSystem(path: string): Promise<StatsFs> {
  return new Promise((resolve, reject) => {
    statfs(path, (error, stats) => (error === null ? resolve(stats) : reject(error)));
  });
}

/** @internal by statfs(2): bfree counts the blocks that nobody uses, bavail those that anybody may. */
export function usage({
  bsize,
  blocks,
  bfree,
  bavail,
  files,
  ffree,
}: Pick<StatsFs, 'bsize' | 'blocks' | 'bfree' | 'bavail' | 'files' | 'ffree'>): Omit<DiskUsage, keyof Place> {
  const used = blocks - bfree;
  return {
    total: blocks * bsize,
    free: bfree * bsize,
    available: bavail * bsize,
    ...(used + bavail > 0 && { utilisation: used / (used + bavail) }),
    ...(files > 0 && { files, filesFree: ffree }),
  };
}

function codeOf(error: unknown): string {
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' ? code : 'unknown';
}
