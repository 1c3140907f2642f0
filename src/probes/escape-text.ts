/**
 * Text of others, safe to print: what would move a cursor, retitle a window or turn the direction of writing round is written as `\x1b` or
 * `\u{202e}`, and a backslash as two.
 *
 * @param maxLength in characters of the result; what is longer ends with an ellipsis.
 */
export function escapeText(text: string, maxLength = 1_024): string {
  if (text.length <= maxLength && !NEEDS_ESCAPE.test(text)) return text;
  // Never more than fits is looked at: the text may be megabytes.
  const looked = text.slice(0, maxLength + 1);
  const escaped = [...looked].map((character) => (NEEDS_ESCAPE.test(character) ? escapeOne(character) : character));
  if (looked.length <= maxLength && lengthOf(escaped) <= maxLength) return escaped.join('');
  let length = 0;
  const fitting = escaped.filter((piece) => {
    length += piece.length;
    return length < maxLength;
  });
  return `${fitting.join('')}…`;
}

/** Control, format, surrogate, private and unassigned characters, and all separators but the space (Unicode 15, section 4.5). */
const NEEDS_ESCAPE = /[\p{C}\p{Zl}\p{Zp}\\]/u;

const SHORT: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

function escapeOne(character: string): string {
  const short = SHORT.get(character);
  if (short !== undefined) return short;
  const hex = (character.codePointAt(0) ?? 0).toString(16);
  return hex.length <= 2 ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex}}`;
}

function lengthOf(pieces: readonly string[]): number {
  return pieces.reduce((length, piece) => length + piece.length, 0);
}
