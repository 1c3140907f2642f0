import { dirname } from 'node:path';
import { checkOptions, type OptionRule } from '../../options/index.js';
import { engineOf, shownTargetOf } from './engines.js';
import { readSrvSelection, type SrvSelection } from './srv-selection.js';
import { readTask, type ScheduleTask, TASK_RULES, targetOf } from './task.js';
import { type AnnotationSettings, readAnnotationSettings } from './task-file-annotations.js';
import { TaskFileError } from './task-file-error.js';
import { type Fields, isFields, type Path, TaskFilePlaces } from './task-file-places.js';
import type { Document } from './yaml.js';

/** What a file of tasks comes to. */
export interface TaskFile {
  /** As they would be given to `add`. */
  readonly tasks: readonly ScheduleTask[];
  /** Tasks whose targets are to be found in DNS. */
  readonly services: readonly SrvSelection[];
  /** What is added to the results of all of them. */
  readonly annotate: AnnotationSettings;
}

/**
 * Reads tasks in YAML or JSON: `{ defaults, annotate, tasks: [{ probe, target, … }] }`, with durations in milliseconds or as `'10s'`.
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
  const places = new TaskFilePlaces(file, document, lines);
  return new Reader(contentOf(document, places), places, dirname(file)).read();
}

/** Goes through what a file says. */
class Reader {
  readonly #content: unknown;
  readonly #places: TaskFilePlaces;
  /** The folder of the file. */
  readonly #folder: string;
  readonly #names = new Set<string>();

  constructor(content: unknown, places: TaskFilePlaces, folder: string) {
    this.#content = content;
    this.#places = places;
    this.#folder = folder;
  }

  read(): TaskFile {
    const whole = this.#places.fields(this.#content, [], 'must hold tasks: a list of tasks');
    this.#places.at([], () => checkOptions('file', whole, KEYS));
    const defaults = this.#defaults(whole['defaults']);
    const list = whole['tasks'];
    if (!Array.isArray(list)) throw this.#places.complain(['tasks'], 'must be a list of tasks');
    const tasks: ScheduleTask[] = [];
    const services: SrvSelection[] = [];
    for (const [index, each] of list.entries()) {
      const path = ['tasks', index];
      const fields = this.#withDefaults(this.#fields(each, path), defaults);
      if (fields['srv'] === undefined) for (const task of this.#tasks(fields, path)) tasks.push(task);
      else services.push(this.#service(fields, path));
    }
    return { tasks, services, annotate: readAnnotationSettings(whole['annotate'], this.#places, this.#folder) };
  }

  #defaults(given: unknown): Fields {
    if (given === undefined || given === null) return {};
    const path = ['defaults'];
    const fields = this.#fields(given, path);
    this.#places.at(path, () => checkOptions('file', fields, DEFAULTS_RULES));
    return fields;
  }

  #withDefaults(fields: Fields, { timeout, ...defaults }: Fields): Fields {
    const labels = { ...asFields(defaults['labels']), ...asFields(fields['labels']) };
    const hasLabels = Object.keys(labels).length > 0 && (fields['labels'] === undefined || isFields(fields['labels']));
    const takesTimeout = timeout !== undefined && engineOf(fields['probe'])?.timeoutOf !== 'work';
    return { ...defaults, ...(takesTimeout && { timeout }), ...fields, ...(hasLabels && { labels }) };
  }

  /** One task, or one for each of its targets. */
  #tasks({ targets, ...fields }: Fields, path: Path): readonly ScheduleTask[] {
    if (targets === undefined) return [this.#task(fields, path)];
    if (fields['target'] !== undefined)
      throw this.#places.complain([...path, 'targets'], 'stands beside target: give one of them');
    if (!Array.isArray(targets)) throw this.#places.complain([...path, 'targets'], 'must be a list of targets');
    const { name } = fields;
    return targets.map((target: unknown, index) => {
      const named =
        typeof name === 'string' ? { name: `${name} ${shownTargetOf(fields['probe'], String(target))}` } : {};
      return this.#task({ ...fields, ...named, target }, path, [...path, 'targets', index]);
    });
  }

  #task(fields: Fields, path: Path, targetPath?: Path): ScheduleTask {
    const task = this.#at(path, () => readTask('file', fields), targetPath);
    const name = task.name ?? `${String(task.probe)} ${shownTargetOf(task.probe, targetOf(task))}`;
    if (this.#names.has(name)) {
      throw this.#places.complain(path, `is there already (${name}); where that is meant, give each a name of its own`);
    }
    this.#names.add(name);
    if (this.#names.size > MOST_TASKS) throw this.#places.complain(path, `goes beyond ${MOST_TASKS} targets`);
    return task;
  }

  #service(fields: Fields, path: Path): SrvSelection {
    return this.#at(path, () => readSrvSelection('file', fields));
  }

  #fields(value: unknown, path: Path): Fields {
    return this.#places.durations(
      this.#places.fields(value, path, 'must have fields, such as probe and target'),
      DURATIONS,
      path,
    );
  }

  /** An engine complains about its options, its target and, as if that were one of the options, the task's timeout. */
  #at<Value>(path: Path, read: () => Value, targetPath: Path = [...path, 'target']): Value {
    return this.#places.at(path, read, (owner, name) => {
      if (name === 'target') return targetPath;
      const option = [...path, 'options', name];
      const isOption = owner.startsWith('probe') && (name !== 'timeout' || this.#places.has(option));
      return isOption ? option : [...path, name];
    });
  }
}

function contentOf(document: Document, places: TaskFilePlaces): unknown {
  try {
    // A handful of aliases that name each other could stand for more than any memory holds.
    return document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (error) {
    throw places.complain([], error instanceof Error ? error.message : String(error));
  }
}

/** More than any hand writes, and far less than does harm. */
const MOST_ALIASES = 10_000;

/** A list that is named again and again can stand for millions, in a file of some kilobytes. */
const MOST_TASKS = 100_000;

/** What tasks need is six deep. Thousands would overflow the stack of whoever parses them. */
const DEEPEST = 64;

const DURATIONS: ReadonlySet<string> = new Set(['interval', 'timeout']);

const anything: OptionRule = { allowed: 'anything', accepts: () => true };

const KEYS = { defaults: anything, annotate: anything, tasks: anything };

const DEFAULTS_RULES = {
  interval: TASK_RULES.interval,
  timeout: TASK_RULES.timeout,
  labels: TASK_RULES.labels,
  pauseWhileDown: TASK_RULES.pauseWhileDown,
};

function asFields(value: unknown): Fields {
  return isFields(value) ? value : {};
}
