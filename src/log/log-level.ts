import type { LogLevel } from './record.js';

/** Each level by its name, and by the names that Python has for some of them. */
const LEVELS: ReadonlyMap<string, LogLevel> = new Map([
  ['debug', 'debug'],
  ['info', 'info'],
  ['warn', 'warn'],
  ['error', 'error'],
  ['warning', 'warn'],
  ['critical', 'error'],
]);

/** The names that {@link readLogLevel} knows, as a phrase. */
export const LOG_LEVEL_NAMES = `one of ${[...LEVELS.keys()].join(', ')}`;

/** The level of a log by its name, in capitals or not; undefined for what is none. */
export function readLogLevel(name: string): LogLevel | undefined {
  return LEVELS.get(name.toLowerCase());
}
