import type { ProbeResult } from '../result.js';
import { targetOf } from './facts.js';

/**
 * A result as one line of JSON, without the line's end: the fields always in the same order, those of `timings` and `facts` by name. It is one
 * line for every reader, whatever is in it, and holds no user name and password of a URL that is the target.
 */
export function toJsonLine(result: ProbeResult): string {
  const fields = FIELDS.flatMap((name) => {
    const value = name === 'target' ? targetOf(result) : result[name];
    return value === undefined ? [] : [[name, sorted(value)]];
  });
  return JSON.stringify(Object.fromEntries(fields)).replace(LINE_ENDS, escapeOne);
}

const FIELDS = [
  'probe',
  'target',
  'status',
  'failureSource',
  'reason',
  'message',
  'offline',
  'address',
  'startedAt',
  'duration',
  'samples',
  'timings',
  'facts',
] as const satisfies readonly (keyof ProbeResult)[];

/** What JSON leaves as it is, and some readers take for the end of a line. */
const LINE_ENDS = /[\p{Cc}\u2028\u2029]/gu;

function escapeOne(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function sorted(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  // What has a text of its own, a Date say, JSON takes by that.
  if ('toJSON' in value && typeof value.toJSON === 'function') return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, each]) => [name, sorted(each)]));
}
