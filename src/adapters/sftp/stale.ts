import { lstat, readdir, rm } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { FileEntryWithStats } from 'ssh2';
import { isPartialName } from './partial-name.js';
import type { RemoteFiles } from './remote-files.js';

/** Removes from a folder at the server what transfers have left there long ago. What cannot be removed stays. */
export async function removeStaleAtServer(files: RemoteFiles, folder: string, limit: StaleLimit): Promise<void> {
  let seen = 0;
  for await (const page of files.list(folder)) {
    for (const { filename } of page.filter((entry) => isStale(entry, limit))) {
      await files.unlink(posix.join(folder, filename)).catch(() => {});
    }
    // A page without entries counts as well: a server may give any number of those.
    seen += Math.max(page.length, 1);
    if (seen >= MOST_ENTRIES) return;
  }
}

/** The same on this side. */
export async function removeStaleHere(folder: string, limit: StaleLimit): Promise<void> {
  for (const name of (await readdir(folder)).filter(isPartialName)) {
    await removeIfStale(join(folder, name), limit).catch(() => {});
  }
}

async function removeIfStale(path: string, { now, staleAfter }: StaleLimit): Promise<void> {
  const { mtimeMs } = await lstat(path);
  if (now - mtimeMs > staleAfter) await rm(path, { force: true });
}

export interface StaleLimit {
  /** Milliseconds since the epoch, by the clock of the side that the folder is on. */
  readonly now: number;
  /** Milliseconds. */
  readonly staleAfter: number;
}

/** A folder can have millions of entries, and each page of them takes a round trip. */
const MOST_ENTRIES = 2_000;

function isStale({ filename, attrs }: FileEntryWithStats, { now, staleAfter }: StaleLimit): boolean {
  return isPartialName(filename) && now - attrs.mtime * 1000 > staleAfter;
}
