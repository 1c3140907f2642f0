import { callSafely } from '../events/index.js';
import { describeError } from './describe-error.js';
import { formatLine } from './format-line.js';
import { isLogger } from './logger-rule.js';
import { plainText } from './plain-text.js';
import type { LogFunction, Logger, LogLevel, LogRecord, LogValue } from './record.js';

/** What a line is made of; fields that are `undefined` are left out. */
export interface LogEntry {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, LogValue | undefined>>;
  readonly error?: unknown;
}

/** Hands a line to a logger, or a record to a log function. What that throws becomes a process warning. */
export function writeLog(logger: Logger | LogFunction, entry: LogEntry): void {
  callSafely(() => {
    const record = toRecord(entry);
    // Returned, since it may be a promise that rejects.
    return isLogger(logger) ? logger[record.level](formatLine(record)) : logger(record);
  });
}

function toRecord(entry: LogEntry): LogRecord {
  const { level, message } = entry;
  const fields: Record<string, LogValue> = {};
  for (const [name, value] of Object.entries(entry.fields)) {
    if (value !== undefined) fields[name] = typeof value === 'string' ? plainText(value) : value;
  }
  if (!('error' in entry)) return { level, message, fields };
  return { level, message, fields: { ...fields, error: plainText(describeError(entry.error)) }, error: entry.error };
}
