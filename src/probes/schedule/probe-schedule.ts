import { InvalidOptionError, toError } from '../../errors/index.js';
import { KeepAlive, SafeEmitter } from '../../events/index.js';
import { abortSignal, checkOptions, type OptionRules, oneOf, wholeNumberFrom } from '../../options/index.js';
import type { Annotate } from '../annotate/annotation.js';
import { withAnnotations } from '../annotate/with-annotations.js';
import type { ProbeResult } from '../result.js';
import { CachingResolver } from './caching-resolver.js';
import { type HealthFacts, healthOf, isDead, type ScheduleHealth, scheduleStatusOf } from './health.js';
import { Planner } from './planner.js';
import { ResultStream, type ResultStreamOptions } from './result-stream.js';
import {
  annotationsRule,
  type ProbeScheduleOptions,
  type ResolvedScheduleOptions,
  resolveScheduleOptions,
} from './schedule-options.js';
import { type RunOutcome, supervise } from './supervise.js';
import type { ScheduledTask, ScheduleTask } from './task.js';
import { TaskBook } from './task-book.js';
import type { TaskRecord } from './task-record.js';
import type { TaskSource } from './task-source.js';

/** A result, and the task that it is of. */
export interface ScheduledResult {
  /** The task as others see it. */
  readonly task: ScheduledTask;
  /** What its probe found. */
  readonly result: ProbeResult;
}

/** What a {@link ProbeSchedule} emits. */
export type ProbeScheduleEvents = {
  /** A probe has ended as it should, whatever it found. */
  result: (event: ScheduledResult) => void;
  /** There is a new task. */
  added: (task: ScheduledTask) => void;
  /** A task is gone, and no result of it comes any more: exporters drop its series. A task that has changed is removed and added. */
  removed: (task: ScheduledTask) => void;
  /** The turn of a task came while the run before was still in flight or waited for a place. It is left out. */
  overrun: (task: ScheduledTask) => void;
  /** A probe threw, gave no result or hung; it is started again at its next turn, and later if that goes on. */
  crash: (event: { readonly task: ScheduledTask; readonly error: Error }) => void;
  /** No result of a task has come for some intervals. */
  dead: (task: ScheduledTask) => void;
  /** This host's network is down: no probe starts. */
  paused: () => void;
  /** It is there again. */
  resumed: () => void;
  /** A source of tasks failed, and its tasks stay as they were; or an annotation did, and the result went on without it. */
  error: (error: Error) => void;
};

/** A task that keeps crashing rests no longer than this, in milliseconds, unless its interval is longer. */
const LONGEST_REST = 300_000;

/** A task of which so many runs are left behind is not started before one of them has settled. */
const MOST_ABANDONED = 3;

/**
 * Runs many probes, each again and again: spread over their intervals, bounded in concurrency and rate, at most one of each task in flight.
 * It rests while this host's network is down, and then begins again with a few. A probe that throws or hangs harms no other.
 *
 * From `start()` on it keeps the process alive until `stop()`, as a server does that listens, unless it is told not to by `unref`.
 *
 * @example
 * const schedule = new ProbeSchedule({ monitor });
 * schedule.add({ probe: 'tcp', target: 'db.example.com:5432', interval: 10_000 });
 * schedule.on('result', ({ task, result }) => console.log(task.name, result.status, result.samples));
 * await schedule.start();
 */
export class ProbeSchedule extends SafeEmitter<ProbeScheduleEvents> implements AsyncDisposable {
  readonly #options: ResolvedScheduleOptions;
  readonly #book: TaskBook;
  readonly #planner: Planner;
  readonly #streams = new Set<ResultStream<ScheduledResult>>();
  readonly #sources = new Set<TaskSource>();
  /** What each source adds to the results of its own tasks. */
  readonly #sourceAnnotations = new WeakMap<object, readonly Annotate[]>();
  readonly #keepAlive = new KeepAlive();
  readonly #runs = new Set<Promise<void>>();
  readonly #context: Parameters<typeof supervise>[1]['context'];
  #release: (() => void) | undefined;
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;
  #isDown = false;
  #dropped = 0;

  /** @throws {InvalidOptionError} where an option has a wrong name, type or range. */
  constructor(options: ProbeScheduleOptions = {}) {
    super();
    this.#options = resolveScheduleOptions(options);
    this.#book = new TaskBook(this.#options);
    this.#planner = new Planner(this.#options, {
      onTurn: (record, now) => this.#onTurn(record, now),
      start: (record, now) => this.#run(record, now),
      mayStart: () => ![...this.#streams].some(({ holdsUp }) => holdsUp),
    });
    this.#context = {
      monitor: this.#options.monitor,
      resolve: new CachingResolver({ resolve: this.#options.resolve }).resolve,
    };
  }

  /** Whether it has been started, and not stopped since. */
  get isRunning(): boolean {
    return this.#release !== undefined;
  }

  /** The tasks that there are, whoever brought them. */
  get tasks(): readonly ScheduledTask[] {
    return [...this.#book.values()].map(({ task }) => task);
  }

  /**
   * Adds a task.
   *
   * @throws {InvalidOptionError} where something is wrong with it, options of the engine included, or its name is taken.
   */
  add(task: ScheduleTask): void {
    this.#welcome([this.#book.add('ProbeSchedule.add', task, this)]);
  }

  /** Removes the task of that name, and says whether there was one. Its run in flight is ended and gives no result. */
  remove(name: string): boolean {
    const record = this.#book.remove(name);
    if (record !== undefined) this.#dismiss([record]);
    return record !== undefined;
  }

  /**
   * Has these tasks in the place of all that `add` and `replace` have brought; those from sources stay. A task that is as it was goes on
   * undisturbed.
   *
   * @throws {InvalidOptionError} where something is wrong with one of them; then all stays as it was.
   */
  replace(tasks: readonly ScheduleTask[]): void {
    this.#replace('ProbeSchedule.replace', tasks, this);
  }

  /** Takes tasks from a source too, such as `tasksFromFile` or `tasksFromSrv`, for as long as the schedule runs. */
  addSource(source: TaskSource): void {
    if (this.#sources.has(source)) return;
    this.#sources.add(source);
    if (this.#isAwake) void this.#startSource(source);
  }

  /** Has all sources look again now, and resolves when they have. */
  async refresh(): Promise<void> {
    await Promise.all([...this.#sources].map((source) => source.refresh()));
  }

  /** Starts, and resolves when all sources have been read once. May be repeated, also after `stop`. */
  start(): Promise<void> {
    this.#starting ??= this.#stopping === undefined ? this.#start() : this.#startAfter(this.#stopping);
    return this.#starting;
  }

  /**
   * Starts no probe any more, waits for those in flight for `drainTimeout`, and ends what is left then. All streams of results end. May be
   * repeated.
   */
  stop(): Promise<void> {
    this.#starting = undefined;
    this.#stopping ??= this.#stop().finally(() => {
      this.#stopping = undefined;
    });
    return this.#stopping;
  }

  /** `stop`, at the end of the block of an `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /**
   * The results from now on, one after the other, for `for await`; it ends when the schedule stops. A reader who is slow loses the oldest or
   * holds up the schedule, as `onFull` says; what waits for him is bounded.
   *
   * @throws {InvalidOptionError}
   */
  results(options: ResultStreamOptions = {}): ResultStream<ScheduledResult> {
    checkOptions('ProbeSchedule.results', options, STREAM_RULES);
    const stream = new ResultStream<ScheduledResult>(options, {
      onRoom: () => this.#planner.review(),
      onEnd: () => {
        this.#streams.delete(stream);
        this.#dropped += stream.dropped;
        this.#planner.review();
      },
    });
    this.#streams.add(stream);
    return stream;
  }

  /** How the schedule and each of its tasks stand. */
  health(): ScheduleHealth {
    const facts = this.#facts(performance.now());
    const tasks = [...this.#book.values()].map((record) => healthOf(record, facts));
    const states = tasks.map(({ state }) => state);
    return {
      status: scheduleStatusOf(states, facts),
      dead: states.filter((state) => state === 'dead').length,
      inFlight: this.#planner.inFlight,
      queued: this.#planner.queued,
      dropped: [...this.#streams].reduce((sum, { dropped }) => sum + dropped, this.#dropped),
      tasks,
    };
  }

  /** It runs, and is not about to stop. */
  get #isAwake(): boolean {
    return this.isRunning && this.#stopping === undefined;
  }

  async #start(): Promise<void> {
    const { monitor, unref } = this.#options;
    const letGo = unref ? () => {} : this.#keepAlive.hold();
    const unsubscribe = monitor?.onChange(() => this.#reviewNetwork());
    this.#release = () => {
      unsubscribe?.();
      letGo();
    };
    this.#isDown = monitor?.state === 'down';
    this.#planner.start(this.#book.values());
    await Promise.all([...this.#sources].map((source) => this.#startSource(source)));
  }

  async #startAfter(stopping: Promise<void>): Promise<void> {
    await stopping;
    // Unless it was stopped again since, or another start was quicker.
    if (this.#starting !== undefined && !this.isRunning) await this.#start();
  }

  async #startSource(source: TaskSource): Promise<void> {
    try {
      await source.start({
        replace: (tasks, annotate = []) => {
          if (!annotationsRule.accepts(annotate)) {
            throw new InvalidOptionError('ProbeSchedule: annotate', annotate, annotationsRule.allowed);
          }
          this.#replace('ProbeSchedule', tasks, source);
          this.#sourceAnnotations.set(source, annotate);
        },
        fail: (error) => this.emit('error', error),
      });
    } catch (error) {
      this.emit('error', toError(error));
    }
  }

  async #stop(): Promise<void> {
    if (this.#release === undefined) return;
    for (const source of this.#sources) source.stop();
    this.#planner.stop();
    await this.#drain();
    for (const stream of this.#streams) stream.end();
    this.#release();
    this.#release = undefined;
  }

  async #drain(): Promise<void> {
    if (this.#runs.size === 0) return;
    const timer = setTimeout(() => {
      for (const { running } of this.#book.values()) running?.abort(new Error('the schedule was stopped'));
    }, this.#options.drainTimeout);
    await Promise.all(this.#runs);
    clearTimeout(timer);
  }

  #replace(where: string, tasks: readonly ScheduleTask[], owner: object): void {
    if (!Array.isArray(tasks)) throw new InvalidOptionError(`${where}: tasks`, tasks, 'an array of tasks');
    const { added, removed } = this.#book.replace(where, tasks, owner);
    this.#dismiss(removed);
    this.#welcome(added);
  }

  #welcome(records: readonly TaskRecord[]): void {
    this.#planner.add(records);
    for (const { task } of records) this.emit('added', task);
  }

  #dismiss(records: readonly TaskRecord[]): void {
    for (const record of records) {
      record.running?.abort(new Error('the task was removed'));
      this.#planner.remove(record);
      this.emit('removed', record.task);
    }
  }

  #reviewNetwork(): void {
    const isDown = this.#options.monitor?.state === 'down';
    if (isDown === this.#isDown) return;
    this.#isDown = isDown;
    this.emit(isDown ? 'paused' : 'resumed');
    if (isDown) {
      for (const record of this.#planner.withdraw((each) => this.#rests(each))) this.#skip(record);
      return;
    }
    const now = performance.now();
    for (const record of this.#book.values()) if (record.task.pauseWhileDown) record.markAlive(now);
    this.#planner.bringForward(({ wasSkipped }) => wasSkipped);
    for (const record of this.#book.values()) {
      record.wasSkipped = false;
      record.goesOn = false;
    }
  }

  #onTurn(record: TaskRecord, now: number): 'run' | 'leave out' {
    record.goesOn = this.#isDown && !this.#rests(record);
    if (this.#isDown && !record.goesOn) {
      this.#skip(record);
      return 'leave out';
    }
    this.#reviewLife(record, now);
    if (record.running !== undefined || record.isQueued || record.abandoned >= MOST_ABANDONED) {
      record.overruns += 1;
      this.emit('overrun', record.task);
      return 'leave out';
    }
    return now < record.restsUntil ? 'leave out' : 'run';
  }

  /** Whether it is to rest while this host is down. For an address the way there decides: what a LAN answers does not depend on the uplink. */
  #rests({ task, runnable: { address } }: TaskRecord): boolean {
    if (!task.pauseWhileDown) return false;
    const { monitor } = this.#options;
    return address === undefined || monitor?.target === undefined || monitor.target(address).state === 'down';
  }

  #skip(record: TaskRecord): void {
    record.skipped += 1;
    record.wasSkipped = true;
  }

  #reviewLife(record: TaskRecord, now: number): void {
    if (record.isSaidDead || !isDead(record, this.#facts(now))) return;
    record.isSaidDead = true;
    this.emit('dead', record.task);
  }

  #run(record: TaskRecord, now: number): void {
    const controller = new AbortController();
    record.running = controller;
    record.runs += 1;
    record.lastStart = Date.now();
    record.late = Math.max(0, now - record.queuedAt);
    const { grace } = this.#options;
    const run = supervise(record.runnable, { grace, controller, context: this.#context }).then((outcome) => {
      this.#runs.delete(run);
      record.running = undefined;
      record.lastEnd = Date.now();
      this.#take(record, outcome);
      this.#planner.ended();
    });
    this.#runs.add(run);
  }

  #take(record: TaskRecord, outcome: RunOutcome): void {
    if (outcome.kind !== 'result' && outcome.kind !== 'crashed' && outcome.abandoned !== undefined) {
      record.abandoned += 1;
      void outcome.abandoned.then(() => {
        record.abandoned -= 1;
      });
    }
    if (outcome.kind === 'cancelled' || record.isRemoved) return;
    if (outcome.kind === 'result') this.#deliver(record, outcome.result);
    else this.#noteCrash(record, outcome.error);
  }

  #deliver(record: TaskRecord, result: ProbeResult): void {
    record.lastStatus = result.status;
    record.lastError = undefined;
    record.crashesInARow = 0;
    record.markAlive(performance.now());
    const event: ScheduledResult = { task: record.task, result: this.#annotated(record, result) };
    // An annotation may be somebody's code that has removed it.
    if (record.isRemoved) return;
    for (const stream of this.#streams) stream.push(event);
    this.emit('result', event);
  }

  #annotated(record: TaskRecord, result: ProbeResult): ProbeResult {
    const owner = this.#book.ownerOf(record);
    const ofSource = (owner && this.#sourceAnnotations.get(owner)) ?? [];
    const annotations = [...this.#options.annotate, ...ofSource];
    return withAnnotations(result, record.task, annotations, (error) => this.emit('error', error));
  }

  /** The first crash costs nothing; from the second in a row on, two intervals, then four, and so on. */
  #noteCrash(record: TaskRecord, error: Error): void {
    record.crashes += 1;
    record.crashesInARow += 1;
    record.lastError = error;
    if (record.crashesInARow > 1) {
      // By half an interval less, so that the turn itself is not missed by a hair.
      const rest = record.interval * (2 ** Math.min(record.crashesInARow - 1, MOST_DOUBLINGS) - 0.5);
      record.restsUntil = performance.now() + Math.min(rest, Math.max(LONGEST_REST, record.interval));
    }
    this.emit('crash', { task: record.task, error });
  }

  #facts(now: number): HealthFacts {
    const { deadAfter, grace } = this.#options;
    return { now, isRunning: this.#isAwake, isDown: this.#isDown, deadAfter, grace };
  }
}

/** Far beyond any rest, and far from an overflow. */
const MOST_DOUBLINGS = 40;

const STREAM_RULES: OptionRules<ResultStreamOptions> = {
  signal: abortSignal,
  capacity: wholeNumberFrom(1, 10_000_000),
  onFull: oneOf('drop-oldest', 'pause'),
};
