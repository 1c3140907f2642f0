import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';

/** Where the files for deployment are. */
export const DEPLOY = fileURLToPath(new URL('../../../examples/deploy/', import.meta.url));

export function textOf(path: string): string {
  return readFileSync(`${DEPLOY}${path}`, 'utf8');
}

/** The documents of a YAML file, with merge keys, as Compose has them. */
export function documentsOf(path: string): readonly unknown[] {
  return parseAllDocuments(textOf(path), { merge: true }).map((document) => {
    const [problem] = [...document.errors, ...document.warnings];
    if (problem !== undefined) throw problem;
    return document.toJS();
  });
}

/** The words of commands, as far as they begin with `ring registry` or `ring member`. */
export function flagsOf(words: readonly string[]): { readonly command: string; readonly flags: readonly string[] } {
  const [ring, command = ''] = words;
  if (ring !== 'ring') throw new Error(`no command of a ring: ${words.join(' ')}`);
  return { command, flags: words.filter((word) => word.startsWith('--')) };
}
