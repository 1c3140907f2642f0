import { printable } from '../text/fit.js';
import { explain } from '../text/words.js';

/** Why a file cannot be read, with its path. */
export function explainFile(path: string, error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return `${printable(path)}: ${REASONS.get(code) ?? explain(error)}`;
}

const REASONS: ReadonlyMap<unknown, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['EISDIR', 'it is a folder, and no file'],
  ['EACCES', 'it may not be read'],
]);
