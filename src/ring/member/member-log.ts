import { type LogFunction, type Logger, type LogLevel, type LogValue, writeLog } from '../../log/index.js';

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** Where a member writes down what it goes through, and how much of it. */
export class MemberLog {
  readonly #logger: Logger | LogFunction | undefined;
  readonly #least: number;

  constructor(logger: Logger | LogFunction | undefined, level: LogLevel = 'info') {
    this.#logger = logger;
    this.#least = LEVELS.indexOf(level);
  }

  write(
    level: LogLevel,
    message: string,
    fields: Readonly<Record<string, LogValue | undefined>> = {},
    error?: unknown,
  ): void {
    if (this.#logger === undefined || LEVELS.indexOf(level) < this.#least) return;
    writeLog(this.#logger, { level, message, fields, ...(error !== undefined && { error }) });
  }
}
