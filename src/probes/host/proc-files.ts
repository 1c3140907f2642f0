import { readFile } from 'node:fs/promises';

/** Reads a file of /proc or /sys; undefined where there is none, or it cannot be read. */
export type ReadText = (path: string) => Promise<string | undefined>;

export const readText: ReadText = async (path) => {
  try {
    return await readFile(path, 'utf8');
  } catch {
    // Not Linux, not mounted, not permitted, or of an interface that has just gone: whatever the reason, it says nothing.
    return undefined;
  }
};

/** A number from 0 on; undefined where the text is none. */
export function toCount(text: string | undefined): number | undefined {
  const trimmed = text?.trim() ?? '';
  return /^\d+$/.test(trimmed) ? Number(trimmed) : undefined;
}
