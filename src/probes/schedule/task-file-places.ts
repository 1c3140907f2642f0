import { InvalidOptionError } from '../../errors/index.js';
import { readDuration } from '../../options/index.js';
import { TaskFileError } from './task-file-error.js';
import type { Document, LineCounter } from './yaml.js';

/** Where something stands: `['tasks', 3, 'interval']`. */
export type Path = readonly (string | number)[];

/** A mapping of the file. */
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Knows where in a file everything stands, and says of what is wrong where that is. */
export class TaskFilePlaces {
  readonly #file: string;
  readonly #document: Document;
  readonly #lines: LineCounter;

  constructor(file: string, document: Document, lines: LineCounter) {
    this.#file = file;
    this.#document = document;
    this.#lines = lines;
  }

  has(path: Path): boolean {
    return this.#document.hasIn(path);
  }

  /** @throws {TaskFileError} for anything but a mapping. */
  fields(value: unknown, path: Path, problem: string): Fields {
    if (isFields(value)) return value;
    throw this.complain(path, problem);
  }

  /**
   * Reads what are durations in words.
   *
   * @throws {TaskFileError}
   */
  durations(fields: Fields, names: ReadonlySet<string>, path: Path): Fields {
    const read = Object.entries(fields).map(([key, value]) => {
      if (!names.has(key) || typeof value !== 'string') return [key, value];
      const duration = readDuration(value);
      if (duration !== undefined) return [key, duration];
      throw this.complain([...path, key], `must be a number and a unit (ms, s, m, h, d), but is '${value}'`);
    });
    return Object.fromEntries(read);
  }

  /**
   * Has something read; a complaint about an option is then one about a place in the file.
   *
   * @param placeOf where an option stands. By default, next to each other at the path.
   * @throws {TaskFileError}
   */
  at<Value>(path: Path, read: () => Value, placeOf = (_owner: string, name: string): Path => [...path, name]): Value {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof InvalidOptionError)) throw error;
      const [owner = '', name = ''] = error.option.split(': ');
      throw this.complain(placeOf(owner, name), error.message.slice(error.option.length + 1), error);
    }
  }

  complain(path: Path, problem: string, cause?: Error): TaskFileError {
    const key = path
      .map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`))
      .join('');
    const place = { file: this.#file, line: this.#lineOf(path), key: key === '' ? undefined : key };
    return new TaskFileError(place, problem, { cause });
  }

  /** The line of the nearest thing that there is: what is missing has none. */
  #lineOf(path: Path): number | undefined {
    const node: unknown = this.#document.getIn(path, true);
    const range: unknown = typeof node === 'object' && node !== null ? Reflect.get(node, 'range') : undefined;
    const start: unknown = Array.isArray(range) ? range[0] : undefined;
    if (typeof start === 'number') return this.#lines.linePos(start).line;
    return path.length === 0 ? 1 : this.#lineOf(path.slice(0, -1));
  }
}
