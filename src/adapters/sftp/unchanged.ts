import { stat } from 'node:fs/promises';
import type { LocalSource } from './local-source.js';
import type { RemoteFiles } from './remote-files.js';

/** Whether the server has a file of the same size and time of modification: what rsync(1) calls its quick check. */
export async function isSameAtServer(files: RemoteFiles, source: LocalSource, remote: string): Promise<boolean> {
  const target = await files.stat(remote);
  return target?.size === source.size && target.mtime === source.mtime;
}

/** The same on this side. */
export async function isSameHere(files: RemoteFiles, remote: string, local: string): Promise<boolean> {
  const target = await stat(local).catch(() => undefined);
  if (target === undefined) return false;
  const source = await files.stat(remote);
  return source?.size === target.size && source.mtime === Math.floor(target.mtimeMs / 1000);
}
