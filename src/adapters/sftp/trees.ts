import type { Stats } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { FileEntryWithStats, Stats as RemoteStats } from 'ssh2';
import type { DirectoryEntry } from './options.js';
import { isPartialName } from './partial-name.js';
import { mayBeFile, type RemoteFiles } from './remote-files.js';
import { UnsafePathError } from './unsafe-path-error.js';

/** What stands in a directory. */
export interface Entry {
  readonly name: string;
  readonly type: DirectoryEntry['type'] | 'other';
}

/** The entries of a local directory, in order; without what transfers have left there unfinished. */
export async function entriesHere(folder: string): Promise<readonly Entry[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return inOrder(
    entries.map((entry) => ({
      name: entry.name,
      type: entry.isFile() ? 'file' : entry.isDirectory() ? 'directory' : 'other',
    })),
  );
}

/**
 * The entries of a directory at the server, likewise.
 *
 * @throws {UnsafePathError} where a name would lead out of the directory, or stands there twice.
 */
export async function entriesAtServer(files: RemoteFiles, folder: string): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  const names = new Set<string>();
  for await (const page of files.list(folder)) {
    for (const entry of page) {
      const { filename: name } = entry;
      assertPlainName(name);
      if (names.has(name)) throw new UnsafePathError(name, 'stands in its directory at the server twice');
      names.add(name);
      entries.push({ name, type: await typeOf(files, folder, entry) });
    }
  }
  return inOrder(entries);
}

/**
 * Makes a local directory unless it is there.
 *
 * @param look `lstat` where a link is not to be followed, `stat` where it is.
 * @throws {UnsafePathError} where something else is, such as a link to elsewhere.
 */
export async function makeFolderHere(path: string, look: (path: string) => Promise<Stats>): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const stats = await look(path).catch(() => undefined);
    if (stats === undefined) throw error;
    if (!stats.isDirectory()) throw new UnsafePathError(path, 'is where a directory belongs, and none: remove it');
  }
}

/** Makes a directory at the server unless it is there. That the answer may have been lost with the connection changes nothing. */
export async function makeFolderAtServer(files: RemoteFiles, path: string): Promise<void> {
  try {
    await files.mkdir(path);
  } catch (error) {
    // What is wrong is said by a status without detail: that it exists, too.
    if ((await files.stat(path))?.isDirectory() !== true) throw error;
  }
}

/**
 * A server is asked for the names in a directory, and can answer what it likes.
 *
 * @throws {UnsafePathError} unless it is the name of something in that very directory, on any system.
 */
export function assertPlainName(name: string): void {
  const isPlain = name !== '' && name !== '.' && name !== '..' && !UNSAFE.test(name);
  if (!isPlain) throw new UnsafePathError(name, 'is no name of a file: the server may want it to be written elsewhere');
}

/** Separators, those of Windows included, and what ends a path for the system. */
const UNSAFE = process.platform === 'win32' ? /[/\\:\0]/ : /[/\0]/;

/** Most servers tell the type with the name. A link is told as such, and not as what it leads to. */
async function typeOf(
  files: RemoteFiles,
  folder: string,
  { filename, attrs }: FileEntryWithStats,
): Promise<Entry['type']> {
  const stats: RemoteStats | undefined = hasType(attrs) ? attrs : await files.lstat(posix.join(folder, filename));
  if (stats?.isDirectory()) return 'directory';
  return stats !== undefined && mayBeFile(stats) ? 'file' : 'other';
}

function hasType({ mode }: RemoteStats): boolean {
  return (mode & 0o170000) !== 0;
}

/** So that two runs do the same in the same order. */
function inOrder(entries: readonly Entry[]): readonly Entry[] {
  return entries
    .filter(({ name }) => !isPartialName(name))
    .sort((a, b) => (a.name === b.name ? 0 : a.name < b.name ? -1 : 1));
}

/** The path of an entry on this side. */
export function pathHere(root: string, path: string): string {
  return join(root, ...path.split('/'));
}
