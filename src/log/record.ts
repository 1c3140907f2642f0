/** How much a line matters, as every logger has it. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** One thing that happened, before it is made a line of text. */
export interface LogRecord {
  readonly level: LogLevel;
  /** What happened, always in the same words: `'network state changed'`. */
  readonly message: string;
  /** The particulars: `{ from: 'up', to: 'down', reason: 'no-carrier', interface: 'eth0' }`. No URL in here has its credentials or query. */
  readonly fields: Readonly<Record<string, LogValue>>;
  /** What was thrown, as it was thrown, where something was; in `fields` stands no more than its code and message. */
  readonly error?: unknown;
}

export type LogValue = string | number | boolean;

/** Takes one record: the way to give a structured logger its fields one by one. */
export type LogFunction = (record: LogRecord) => void;

/** Takes one line of text on each level: `console`, a pino, winston, bunyan or loglevel logger, or your own. */
export interface Logger {
  debug(line: string): void;
  info(line: string): void;
  warn(line: string): void;
  error(line: string): void;
}
