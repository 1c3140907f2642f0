import { readFile } from 'node:fs/promises';
import { orAborted } from '../../events/index.js';

/** Reads a file of /proc or /sys; undefined where there is none, or it cannot be read. */
export type ReadText = (path: string) => Promise<string | undefined>;

/** Reads until the signal aborts: where others keep all threads of Node's pool, a file of the kernel's own waits for them as well. */
export function readUntil(signal: AbortSignal): ReadText {
  return async (path) => {
    try {
      return await orAborted(readFile(path, 'utf8'), signal);
    } catch {
      // Not Linux, not mounted, not permitted, or of an interface that has just gone: whatever the reason, it says nothing.
      return undefined;
    }
  };
}

/** A number from 0 on; undefined where the text is none. */
export function toCount(text: string | undefined): number | undefined {
  const trimmed = text?.trim() ?? '';
  return /^\d+$/.test(trimmed) ? Number(trimmed) : undefined;
}
