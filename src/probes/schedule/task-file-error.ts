import { NetpauseError } from '../../errors/index.js';

/** Where in a file something is wrong. */
export interface FilePlace {
  /** Its path, as it was given. */
  readonly file: string;
  /** Counted from 1; absent where the file could not be read at all. */
  readonly line?: number | undefined;
  /** As `'tasks[3].interval'`; absent where the file is no YAML. */
  readonly key?: string | undefined;
}

/** A file of tasks cannot be used. What was there before stays. */
export class TaskFileError extends NetpauseError implements FilePlace {
  override readonly code = 'ERR_NETPAUSE_TASK_FILE';
  /** Its path, as it was given. */
  readonly file: string;
  readonly line: number | undefined;
  readonly key: string | undefined;

  constructor(
    { file, line, key }: FilePlace,
    /** What is wrong, without the place. */
    readonly problem: string,
    options?: ErrorOptions,
  ) {
    const place = line === undefined ? file : `${file}:${line}`;
    super(`${place}: ${key === undefined ? '' : `${key}: `}${problem}`, options);
    this.file = file;
    this.line = line;
    this.key = key;
  }
}
