import { closeSync, openSync, readdirSync, readSync } from 'node:fs';

/** The files in which the kernel shows its tables: /proc and /sys. Reading them costs some microseconds and never waits for a device. */
export interface SystemFiles {
  /**
   * A file's text; undefined where there is none, or where it is longer than `limit`.
   *
   * @param limit bytes.
   * @throws the system's error when the file is there and cannot be read.
   */
  text(path: string, limit?: number): string | undefined;
  /** The names in a folder; undefined where there is none. */
  names(path: string): readonly string[] | undefined;
  /**
   * Opens a file of one line that is read again and again; undefined where there is none.
   *
   * @throws the system's error when the file is there and cannot be opened.
   */
  open(path: string): OpenFile | undefined;
}

/** A file that stays open, so that reading it is a single call of the system. */
export interface OpenFile {
  /**
   * What the file says now; undefined where what it belonged to is gone.
   *
   * @throws the system's error when it cannot be read.
   */
  text(): string | undefined;
  close(): void;
}

export const systemFiles: SystemFiles = {
  text: (path, limit = DEFAULT_LIMIT) => whereThereIsOne(() => readText(path, limit)),
  names: (path) => whereThereIsOne(() => readdirSync(path)),
  open: (path) => {
    const fd = whereThereIsOne(() => openSync(path, 'r'));
    if (fd === undefined) return undefined;
    return {
      text: () => whereThereIsOne(() => SCRATCH.toString('latin1', 0, readSync(fd, SCRATCH, 0, LINE_LIMIT, 0))),
      close: () => closeSync(fd),
    };
  },
};

const LINE_LIMIT = 256;

const DEFAULT_LIMIT = 1024 * 1024;

/** Used for every read: these files are many and small, and they are read one at a time. */
const SCRATCH = Buffer.alloc(64 * 1024);

function readText(path: string, limit: number): string | undefined {
  const fd = openSync(path, 'r');
  try {
    // Their size is told as 0, or as that of a page, whatever they hold.
    const parts: Buffer[] = [];
    let length = 0;
    while (length <= limit) {
      const read = readSync(fd, SCRATCH);
      if (read === 0) return Buffer.concat(parts, length).toString();
      parts.push(Buffer.from(SCRATCH.subarray(0, read)));
      length += read;
    }
    return undefined;
  } finally {
    closeSync(fd);
  }
}

function whereThereIsOne<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

/** By shape, not by class: under Jest, whose sandbox has an Error of its own, those of Node.js are no instances of it. */
function isAbsence(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && ABSENT.has(String(error.code));
}

/** ENODEV: the interface went while its file was open. EINVAL: it is not up, and so has no carrier to tell of. */
const ABSENT: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ENODEV', 'EINVAL']);
