import type { LogRecord, LogValue } from './record.js';

/** A record as one line of text: what happened, then the particulars as logfmt, which people, grep and Loki read alike. */
export function formatLine({ message, fields }: LogRecord): string {
  return [message, ...Object.entries(fields).map(([name, value]) => `${name}=${formatValue(value)}`)].join(' ');
}

function formatValue(value: LogValue): string {
  const text = String(value);
  return NEEDS_QUOTES.test(text) ? `"${text.replace(ESCAPED, escapeCharacter)}"` : text;
}

/**
 * Control and format characters (a terminal obeys some, and some turn the writing direction) and line ends of every kind: one record must
 * stay one line, and what stands in it must not be able to look like another.
 */
const UNSEEN = '\\p{C}\\p{Zl}\\p{Zp}';
const NEEDS_QUOTES = new RegExp(`^$|[\\s"=\\\\${UNSEEN}]`, 'u');
const ESCAPED = new RegExp(`["\\\\${UNSEEN}]`, 'gu');

function escapeCharacter(character: string): string {
  const short = SHORT_ESCAPES.get(character);
  if (short !== undefined) return short;
  // By UTF-16 units, as JSON has it, so that what reads JSON's escapes reads these.
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}

const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);
