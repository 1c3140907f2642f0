import { nearest } from '../text/nearest.js';

/** What is wrong with a key of a file that there is not, and which one was probably meant. */
export function unknownKey(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  const hint = near === undefined ? '' : ` (did you mean ${near}?)`;
  return `is not known here${hint}; there are ${known.join(', ')}`;
}

/** The same of what the library says of such a key; undefined where it says something else. */
export function unknownKeyIn(key: string, complaint: string): string | undefined {
  const [, known] = /there (?:is no such option \(there )?are ([\w, ]+)\)?$/.exec(complaint) ?? [];
  return known === undefined ? undefined : unknownKey(key, known.split(', '));
}
