import { closeSync, openSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import type { Libc } from './libc.js';
import { O_CLOEXEC } from './netlink-fd.js';

/** A descriptor that ends with the thread it is used in, at the latest. */
export interface ThreadDescriptor {
  readonly fd: number;
  close(): void;
}

/**
 * Takes over a descriptor. A worker that is terminated runs nothing any more that could close it, but Node.js closes what a worker has opened
 * by `node:fs` (`trackUnmanagedFds`): so there it is put, by `dup3`, in the place of a file that was opened that way.
 */
export function ownedByThread(libc: Libc, fd: number): ThreadDescriptor {
  const place = isMainThread ? undefined : openPlaceholder();
  if (place === undefined) return { fd, close: () => libc.close(fd) };
  try {
    libc.dup3(fd, place, O_CLOEXEC);
  } catch (error) {
    closeSync(place);
    throw error;
  } finally {
    libc.close(fd);
  }
  return { fd: place, close: () => closeSync(place) };
}

/** @returns undefined where `--permission` forbids it, or there is no such file. */
function openPlaceholder(): number | undefined {
  try {
    return openSync('/dev/null', 'r');
  } catch {
    return undefined;
  }
}
