import { InvalidOptionError } from '../../errors/index.js';
import { checkOptions, type OptionRule, readDuration } from '../../options/index.js';
import { shownTargetOf } from './engines.js';
import { readSrvSelection, type SrvSelection } from './srv-selection.js';
import { readTask, type ScheduleTask, TASK_RULES } from './task.js';
import { TaskFileError } from './task-file-error.js';
import type { Document, LineCounter } from './yaml.js';

/** What a file of tasks comes to. */
export interface TaskFile {
  /** As they would be given to `add`. */
  readonly tasks: readonly ScheduleTask[];
  /** Tasks whose targets are to be found in DNS. */
  readonly services: readonly SrvSelection[];
}

/**
 * Reads tasks in YAML or JSON: `{ defaults, tasks: [{ probe, target, … }] }`, with durations in milliseconds or as `'10s'`.
 *
 * @throws {TaskFileError} naming line and key of what is wrong.
 */
export async function parseTaskFile(text: string, file: string): Promise<TaskFile> {
  // A schedule without a file does not need it.
  const { LineCounter, isDeeperThan, parseDocument } = await import('./yaml.js');
  if (isDeeperThan(DEEPEST, text)) throw new TaskFileError({ file }, `is nested more than ${DEEPEST} deep`);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true });
  // A tag that nobody knows, such as `!secret`, would be left out in silence otherwise.
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) {
    throw new TaskFileError({ file, line: lines.linePos(problem.pos[0]).line }, problem.message);
  }
  return new Reader(file, document, lines).read();
}

type Path = readonly (string | number)[];

/** Goes through what a file says, and knows where that stands. */
class Reader {
  readonly #file: string;
  readonly #document: Document;
  readonly #lines: LineCounter;
  readonly #names = new Set<string>();

  constructor(file: string, document: Document, lines: LineCounter) {
    this.#file = file;
    this.#document = document;
    this.#lines = lines;
  }

  read(): TaskFile {
    const whole = this.#object(this.#content(), []);
    this.#at([], () => checkOptions('file', whole, { defaults: anything, tasks: anything }));
    const defaults = this.#defaults(whole['defaults']);
    const list = whole['tasks'];
    if (!Array.isArray(list)) throw this.#complain(['tasks'], 'must be a list of tasks');
    const tasks: ScheduleTask[] = [];
    const services: SrvSelection[] = [];
    for (const [index, each] of list.entries()) {
      const path = ['tasks', index];
      const fields = this.#withDefaults(this.#durations(this.#object(each, path), path), defaults);
      if (fields['srv'] === undefined) for (const task of this.#tasks(fields, path)) tasks.push(task);
      else services.push(this.#service(fields, path));
    }
    return { tasks, services };
  }

  #content(): unknown {
    try {
      // A handful of aliases that name each other could stand for more than any memory holds.
      return this.#document.toJS({ maxAliasCount: MOST_ALIASES });
    } catch (error) {
      throw this.#complain([], error instanceof Error ? error.message : String(error));
    }
  }

  #defaults(given: unknown): Fields {
    if (given === undefined || given === null) return {};
    const path = ['defaults'];
    const fields = this.#durations(this.#object(given, path), path);
    this.#at(path, () => checkOptions('file', fields, DEFAULTS_RULES));
    return fields;
  }

  #withDefaults(fields: Fields, defaults: Fields): Fields {
    const labels = { ...asFields(defaults['labels']), ...asFields(fields['labels']) };
    const hasLabels = Object.keys(labels).length > 0 && (fields['labels'] === undefined || isFields(fields['labels']));
    return { ...defaults, ...fields, ...(hasLabels && { labels }) };
  }

  /** One task, or one for each of its targets. */
  #tasks({ targets, ...fields }: Fields, path: Path): readonly ScheduleTask[] {
    if (targets === undefined) return [this.#task(fields, path)];
    if (fields['target'] !== undefined)
      throw this.#complain([...path, 'targets'], 'stands beside target: give one of them');
    if (!Array.isArray(targets)) throw this.#complain([...path, 'targets'], 'must be a list of targets');
    const { name } = fields;
    return targets.map((target: unknown, index) => {
      const named =
        typeof name === 'string' ? { name: `${name} ${shownTargetOf(fields['probe'], String(target))}` } : {};
      return this.#task({ ...fields, ...named, target }, path, [...path, 'targets', index]);
    });
  }

  #task(fields: Fields, path: Path, targetPath: Path = [...path, 'target']): ScheduleTask {
    const task = this.#at(path, () => readTask('file', fields), targetPath);
    const name = task.name ?? `${String(task.probe)} ${shownTargetOf(task.probe, task.target)}`;
    if (this.#names.has(name)) {
      throw this.#complain(path, `is there already (${name}); where that is meant, give each a name of its own`);
    }
    this.#names.add(name);
    if (this.#names.size > MOST_TASKS) throw this.#complain(path, `goes beyond ${MOST_TASKS} targets`);
    return task;
  }

  #service(fields: Fields, path: Path): SrvSelection {
    return this.#at(path, () => readSrvSelection('file', fields));
  }

  #durations(fields: Fields, path: Path): Fields {
    const read = Object.entries(fields).map(([key, value]) => {
      if (!DURATIONS.has(key) || typeof value !== 'string') return [key, value];
      const duration = readDuration(value);
      if (duration === undefined) {
        throw this.#complain([...path, key], `must be a number and a unit (ms, s, m, h, d), but is '${value}'`);
      }
      return [key, duration];
    });
    return Object.fromEntries(read);
  }

  #object(value: unknown, path: Path): Fields {
    if (isFields(value)) return value;
    throw this.#complain(
      path,
      path.length === 0 ? 'must hold tasks: a list of tasks' : 'must have fields, such as probe and target',
    );
  }

  /** What is wrong with an option is wrong at that option's place in the file. */
  #at<Value>(path: Path, read: () => Value, targetPath: Path = [...path, 'target']): Value {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof InvalidOptionError)) throw error;
      const [owner = '', name = ''] = error.option.split(': ');
      const place =
        name === 'target' ? targetPath : owner.startsWith('probe') ? [...path, 'options', name] : [...path, name];
      throw this.#complain(place, error.message.slice(error.option.length + 1), error);
    }
  }

  #complain(path: Path, problem: string, cause?: Error): TaskFileError {
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

type Fields = Readonly<Record<string, unknown>>;

/** More than any hand writes, and far less than does harm. */
const MOST_ALIASES = 10_000;

/** A list that is named again and again can stand for millions, in a file of some kilobytes. */
const MOST_TASKS = 100_000;

/** What tasks need is six deep. Thousands would overflow the stack of whoever parses them. */
const DEEPEST = 64;

const DURATIONS: ReadonlySet<string> = new Set(['interval', 'timeout']);

const anything: OptionRule = { allowed: 'anything', accepts: () => true };

const DEFAULTS_RULES = {
  interval: TASK_RULES.interval,
  timeout: TASK_RULES.timeout,
  labels: TASK_RULES.labels,
  pauseWhileDown: TASK_RULES.pauseWhileDown,
};

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asFields(value: unknown): Fields {
  return isFields(value) ? value : {};
}
