import { isDeepStrictEqual } from 'node:util';
import { InvalidOptionError } from '../../errors/index.js';
import { checkNames, type ScheduleTask, type TaskDefaults, toRunnable } from './task.js';
import { TaskRecord } from './task-record.js';

/** What came and went. */
export interface BookChange {
  readonly added: readonly TaskRecord[];
  readonly removed: readonly TaskRecord[];
}

/** The tasks of a schedule by their names, and who brought them: the code, a file, a service's records in DNS. */
export class TaskBook {
  readonly #defaults: TaskDefaults;
  readonly #records = new Map<string, TaskRecord>();
  readonly #owners = new Map<TaskRecord, object>();

  constructor(defaults: TaskDefaults) {
    this.#defaults = defaults;
  }

  get size(): number {
    return this.#records.size;
  }

  get(name: string): TaskRecord | undefined {
    return this.#records.get(name);
  }

  /** Who brought it. */
  ownerOf(record: TaskRecord): object | undefined {
    return this.#owners.get(record);
  }

  /** In the order of their coming. */
  values(): IterableIterator<TaskRecord> {
    return this.#records.values();
  }

  /** @throws {InvalidOptionError} where something is wrong with it, or its name is taken. */
  add(where: string, definition: ScheduleTask, owner: object): TaskRecord {
    const record = this.#read(where, definition);
    this.#refuseTaken(where, [record], new Set());
    this.#keep(record, owner);
    return record;
  }

  remove(name: string): TaskRecord | undefined {
    const record = this.#records.get(name);
    if (record === undefined) return undefined;
    this.#forget(record);
    return record;
  }

  /**
   * Has these in the place of all others of the same owner. Those that are as they were are left alone.
   *
   * @throws {InvalidOptionError} where something is wrong with one of them; then all stays as it was.
   */
  replace(where: string, definitions: readonly ScheduleTask[], owner: object): BookChange {
    const wanted = definitions.map((definition) => this.#read(where, definition));
    checkNames(
      where,
      wanted.map(({ task }) => task.name),
    );
    const own = new Set([...this.#owners].filter(([, each]) => each === owner).map(([record]) => record));
    this.#refuseTaken(where, wanted, own);
    const added = wanted.filter((record) => !isSame(this.#records.get(record.task.name), record));
    const names = new Set(wanted.map(({ task }) => task.name));
    const changed = new Set(added.map(({ task }) => task.name));
    const removed = [...own].filter(({ task }) => !names.has(task.name) || changed.has(task.name));
    for (const record of removed) this.#forget(record);
    for (const record of added) this.#keep(record, owner);
    return { added, removed };
  }

  #read(where: string, definition: ScheduleTask): TaskRecord {
    return new TaskRecord(toRunnable(where, definition, this.#defaults));
  }

  #refuseTaken(where: string, records: readonly TaskRecord[], own: ReadonlySet<TaskRecord>): void {
    for (const { task } of records) {
      const holder = this.#records.get(task.name);
      if (holder === undefined || own.has(holder)) continue;
      throw new InvalidOptionError(`${where}: name`, task.name, 'another than that of any other task');
    }
  }

  #keep(record: TaskRecord, owner: object): void {
    this.#records.set(record.task.name, record);
    this.#owners.set(record, owner);
  }

  #forget(record: TaskRecord): void {
    record.isRemoved = true;
    this.#records.delete(record.task.name);
    this.#owners.delete(record);
  }
}

/** By what is run, which is the schedule's own: what was given may have been changed since by whoever gave it. */
function isSame(known: TaskRecord | undefined, record: TaskRecord): boolean {
  return known !== undefined && isDeepStrictEqual(known.runnable, record.runnable);
}
