import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { InvalidOptionError, toError } from '../../errors/index.js';
import { nonEmptyString } from '../../options/index.js';
import { WatchedFile } from '../watched-file.js';
import { type FileAnnotation, fileAnnotations } from './file-annotations.js';
import { parseTaskFile, type TaskFile } from './parse-task-file.js';
import { type SrvSelection, tasksOf } from './srv-selection.js';
import { type LookUpSrv, lookUpSrv, SrvSource } from './srv-source.js';
import type { ScheduleTask } from './task.js';
import { TaskFileError } from './task-file-error.js';
import type { TaskSink, TaskSource } from './task-source.js';

/** More than a hundred thousand targets, and far less than would hold up the process. Bytes. */
const LARGEST_FILE = 2 ** 24;

/**
 * The tasks of a file in YAML or JSON, read again whenever it changes. What is wrong in it comes as a {@link TaskFileError} by the schedule's
 * `error` event, and then everything stays as it was. A geography file that is missing or broken comes in the same way, and is waited for: the tasks
 * go on without it.
 *
 * @example
 * schedule.addSource(tasksFromFile('monitor.yaml'));
 */
export function tasksFromFile(path: string): TaskSource {
  if (!nonEmptyString.accepts(path)) throw new InvalidOptionError('tasksFromFile: path', path, nonEmptyString.allowed);
  return new FileSource(resolve(path), lookUpSrv);
}

/**
 * Reads a file of tasks once.
 *
 * @throws {TaskFileError} naming line and key of what is wrong.
 */
export async function readTaskFile(path: string): Promise<TaskFile> {
  return parseTaskFile(await readText(path), path);
}

/** A service that the file names, and its hosts as they were last known. */
interface Service {
  readonly selection: SrvSelection;
  readonly source: SrvSource;
  tasks: readonly ScheduleTask[];
}

/** See {@link tasksFromFile}. */
export class FileSource implements TaskSource {
  readonly #path: string;
  readonly #lookUp: LookUpSrv;
  readonly #watched: WatchedFile;
  #sink: TaskSink | undefined;
  #tasks: readonly ScheduleTask[] = [];
  #services: readonly Service[] = [];
  #annotations: readonly FileAnnotation[] = [];
  #reading: Promise<void> = Promise.resolve();

  constructor(path: string, lookUp: LookUpSrv) {
    this.#path = path;
    this.#lookUp = lookUp;
    this.#watched = new WatchedFile(path, () => this.#readInTurn());
  }

  async start(sink: TaskSink): Promise<void> {
    this.#sink = sink;
    await this.#watched.open();
    await this.#readInTurn();
  }

  async refresh(): Promise<void> {
    await this.#readInTurn();
    await Promise.all(this.#services.map(({ source }) => source.refresh()));
  }

  stop(): void {
    this.#sink = undefined;
    this.#watched.close();
    for (const { source } of this.#services) source.stop();
    this.#services = [];
    // They stay: should it start again, availability is summed further.
    for (const annotation of this.#annotations) annotation.close();
  }

  /** One after the other, so that what is read last is what counts. */
  #readInTurn(): Promise<void> {
    this.#reading = this.#reading.then(() => this.#read());
    return this.#reading;
  }

  async #read(): Promise<void> {
    const sink = this.#sink;
    try {
      const file = await readTaskFile(this.#path);
      if (sink === undefined || sink !== this.#sink) return;
      await this.#take(file, sink);
    } catch (error) {
      if (sink === this.#sink) sink?.fail(this.#placed(error));
    }
  }

  /** A name that somebody else's task has is known by the schedule alone, which knows no files. */
  #placed(error: unknown): TaskFileError {
    return error instanceof TaskFileError
      ? error
      : new TaskFileError({ file: this.#path }, toError(error).message, { cause: error });
  }

  async #take({ tasks, services, annotate }: TaskFile, sink: TaskSink): Promise<void> {
    const before = this.#services;
    const annotationsBefore = this.#annotations;
    const next = services.map((selection) => this.#serviceOf(selection));
    const annotations = fileAnnotations(annotate, annotationsBefore, (key, error) => this.#failAt(key, error));
    // Before anything is changed: whether all of it can be taken is seen here.
    bring(sink, tasks, next, annotations);
    // Whoever heard of the tasks may have stopped everything.
    if (sink !== this.#sink) return;
    this.#tasks = tasks;
    this.#services = next;
    this.#annotations = annotations;
    for (const service of before) if (!next.includes(service)) service.source.stop();
    for (const each of annotationsBefore) if (!annotations.includes(each)) each.close();
    await Promise.all([
      ...annotations.map((annotation) => annotation.open()),
      ...next.filter((service) => !before.includes(service)).map((service) => this.#startService(service, sink)),
    ]);
  }

  #failAt(key: string, error: unknown): void {
    this.#sink?.fail(new TaskFileError({ file: this.#path, key }, toError(error).message, { cause: error }));
  }

  /** That of before; or one that begins with the hosts that are known, if only something else has changed. */
  #serviceOf(selection: SrvSelection): Service {
    const same = this.#services.find((each) => isDeepStrictEqual(each.selection, selection));
    if (same !== undefined) return same;
    const { srv, server } = selection;
    const known = this.#services.find((each) => each.selection.srv === srv && each.selection.server === server);
    const tasks = tasksOf('tasksFromFile', selection, known?.source.hosts ?? []);
    return { selection, source: new SrvSource(selection, this.#lookUp), tasks };
  }

  async #startService(service: Service, sink: TaskSink): Promise<void> {
    await service.source.start({
      replace: (tasks) => {
        const before = service.tasks;
        service.tasks = tasks;
        try {
          bring(sink, this.#tasks, this.#services, this.#annotations);
        } catch (error) {
          service.tasks = before;
          throw error;
        }
      },
      fail: (error) => sink.fail(error),
    });
  }
}

function bring(
  sink: TaskSink,
  tasks: readonly ScheduleTask[],
  services: readonly Service[],
  annotations: readonly FileAnnotation[],
): void {
  sink.replace(
    [...tasks, ...services.flatMap((service) => service.tasks)],
    annotations.map(({ annotate }) => annotate),
  );
}

async function readText(path: string): Promise<string> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw new TaskFileError({ file: path }, 'is no file');
    if (found.size > LARGEST_FILE) throw new TaskFileError({ file: path }, `is larger than ${LARGEST_FILE} bytes`);
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path));
  } catch (error) {
    if (error instanceof TaskFileError) throw error;
    if (error instanceof TypeError) throw new TaskFileError({ file: path }, 'is not in UTF-8', { cause: error });
    throw new TaskFileError({ file: path }, toError(error).message, { cause: error });
  }
}
