export { describeError, errorType } from './describe-error.js';
export { LOG_LEVEL_NAMES, readLogLevel } from './log-level.js';
export { loggerRule } from './logger-rule.js';
export { plainText } from './plain-text.js';
export type { LogFunction, Logger, LogLevel, LogRecord, LogValue } from './record.js';
export { writeLog } from './write-log.js';
