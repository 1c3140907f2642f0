/**
 * Text on one line, whoever reads it: every character that ends a line somewhere, and all other control characters, are written as JSON writes
 * them, and a half of a character as U+FFFD, as which UTF-8 would carry it.
 */
export function oneLine(text: string): string {
  return text.replace(LINE_BREAKING, escapeOne).replace(/\p{Surrogate}/gu, '\ufffd');
}

/** C0, DEL, C1 with NEL, and the separators of Unicode: Node's readline and Python's splitlines end a line at those too. */
const LINE_BREAKING = /[\p{Cc}\u2028\u2029]/gu;

function escapeOne(character: string): string {
  return SHORT.get(character) ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

const SHORT: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);
