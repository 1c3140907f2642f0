import { NetpauseError } from '../../errors/index.js';

/** Where in a file something is wrong. */
export interface MemberFilePlace {
  /** Its path, as it was given. */
  readonly file: string;
  /** Counted from 1; absent where nothing in the file is to blame. */
  readonly line?: number | undefined;
  /** As `'member.intervals.poll_interval'`; absent where the file is no YAML. */
  readonly key?: string | undefined;
}

/** A member's file cannot be used. */
export class MemberFileError extends NetpauseError implements MemberFilePlace {
  override readonly code = 'ERR_NETPAUSE_MEMBER_FILE';
  /** Its path, as it was given. */
  readonly file: string;
  /** Counted from 1; absent where nothing in the file is to blame. */
  readonly line: number | undefined;
  /** As `'member.intervals.poll_interval'`; absent where the file is no YAML. */
  readonly key: string | undefined;

  constructor(
    { file, line, key }: MemberFilePlace,
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
