import type { StatsFs } from 'node:fs';
import { orAborted } from '../../events/index.js';
import { errorCode } from '../error-code.js';
import { askFileSystem, statFileSystem } from './ask-file-system.js';
import type { DiskUsage } from './host-facts.js';
import { dataMounts, parseMounts } from './mounts.js';
import type { ReadText } from './proc-files.js';

/** What is to be measured. */
type Place = Pick<DiskUsage, 'path' | 'device' | 'type'>;

/**
 * Measures file systems, one after another: those of this host's own first, so that they have been measured when one of the others does not answer.
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
  for (const place of [...places.filter(isLocal), ...places.filter((each) => !isLocal(each))]) {
    disks.push(await measure(place, signal));
  }
  // What df(1) leaves out as well.
  return paths === undefined ? disks.filter(({ total }) => total !== 0) : disks;
}

async function mountedDisks(read: ReadText): Promise<readonly Place[]> {
  const mounts = dataMounts(parseMounts((await read('/proc/self/mountinfo')) ?? ''));
  return mounts.map(({ path, device, type }) => ({ path, device, type }));
}

/** It is a kernel's own, which answers from memory. A path that was asked for may lead anywhere. */
function isLocal({ device = '', type = '' }: Place): boolean {
  return LOCAL_TYPES.has(type) || (device.startsWith('/dev/') && !type.startsWith('fuse'));
}

/** Those that do not name a device. */
const LOCAL_TYPES: ReadonlySet<string> = new Set(['overlay', 'zfs']);

async function measure(place: Place, signal: AbortSignal): Promise<DiskUsage> {
  if (signal.aborted) return { ...place, error: 'timeout' };
  try {
    const stats = isLocal(place)
      ? await orAborted(statFileSystem(place.path), signal)
      : await askFileSystem(place.path, signal);
    return { ...place, ...(stats === undefined ? { error: 'timeout' } : usage(stats)) };
  } catch (error) {
    return { ...place, error: signal.aborted ? 'timeout' : (errorCode(error) ?? 'unknown') };
  }
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
  // A file system in user space may answer anything.
  const used = Math.max(0, blocks - bfree);
  return {
    total: blocks * bsize,
    free: bfree * bsize,
    available: bavail * bsize,
    ...(used + bavail > 0 && { utilisation: used / (used + bavail) }),
    ...(files > 0 && { files, filesFree: ffree }),
  };
}
