import { type LogFunction, type LogLevel, type LogValue, writeLog } from '../../log/index.js';
import { print, say } from '../output.js';
import { isoTime } from '../text/iso-time.js';
import { LOG_LEVELS } from './log-level-flag.js';

/** How a {@link RingLog} writes. */
export interface RingLogOptions {
  /** What matters less is not written. */
  readonly level: LogLevel;
  /** Lines of JSON on standard output, in the place of text on standard error. */
  readonly json: boolean;
}

type Fields = Readonly<Record<string, LogValue | undefined>>;

/** Where a part of a ring says what it goes through. */
export class RingLog {
  readonly #options: RingLogOptions;

  constructor(options: RingLogOptions) {
    this.#options = options;
  }

  /** Takes what others write down. What was thrown stands in the fields already. */
  readonly logger: LogFunction = ({ level, message, fields }) => this.write(level, message, fields);

  /** What happened, with its particulars, and what was thrown where something was. */
  write(level: LogLevel, message: string, fields: Fields = {}, error?: unknown): void {
    const { level: least, json } = this.#options;
    if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(least)) return;
    writeLog(json ? writeJson : TEXT, { level, message, fields, ...(error !== undefined && { error }) });
  }

  /** What a person is told whatever the level: as sentences, or as one line of JSON. */
  announce(sentences: readonly string[], message: string, fields: Fields = {}): void {
    if (this.#options.json) writeLog(writeJson, { level: 'info', message, fields });
    else for (const sentence of sentences) say(sentence);
  }
}

const TEXT = {
  debug: textWriter('debug'),
  info: textWriter('info'),
  warn: textWriter('warn'),
  error: textWriter('error'),
};

function textWriter(level: LogLevel): (line: string) => void {
  return (line) => void process.stderr.write(`${isoTime(Date.now())} ${level.padEnd(5)} ${line}\n`);
}

const writeJson: LogFunction = ({ level, message, fields }) => {
  const line = JSON.stringify({ time: isoTime(Date.now()), level, message, ...fields });
  // JSON leaves these as they are: C1 is obeyed by terminals (ECMA-48), the others break lines or turn the writing direction.
  print(line.replace(/[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu, escapeUnits));
};

/** By UTF-16 units, as JSON has it. */
function escapeUnits(text: string): string {
  return text
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
