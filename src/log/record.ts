/** How much a line matters, as every logger has it. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** One thing that happened, before it is made a line of text. */
export interface LogRecord {
  /** How much it matters. */
  readonly level: LogLevel;
  /** What happened, always in the same words: `'network state changed'`. */
  readonly message: string;
  /** The particulars: `{ from: 'up', to: 'down', reason: 'no-carrier', interface: 'eth0' }`. No URL in here has its credentials or query. */
  readonly fields: Readonly<Record<string, LogValue>>;
  /** What was thrown, as it was thrown, where something was; in `fields` stands no more than its code and message. */
  readonly error?: unknown;
}

/** What a field of a {@link LogRecord} holds. */
export type LogValue = string | number | boolean;

/** Takes one record: the way to give a structured logger its fields one by one. */
export type LogFunction = (record: LogRecord) => void;

/** Takes one line of text on each level: `console`, a pino, winston, bunyan or loglevel logger, or your own. */
export interface Logger {
  /** Takes the single steps: attempts that start or are lost to the network, checks, events of the kernel. */
  debug(line: string): void;
  /** Takes what has changed: recoveries, and calls that succeed after trouble. */
  info(line: string): void;
  /** Takes what may mend itself: an outage, an attempt that was spent, something that could not be read. */
  warn(line: string): void;
  /** Takes the failure of a whole call. */
  error(line: string): void;
}
