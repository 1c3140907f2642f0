import { LONGEST_TIMER } from '../../options/index.js';
import { DueQueue } from '../due-queue.js';
import { StartRate } from './start-rate.js';
import type { TaskRecord } from './task-record.js';
import { offsetOf, slowStartDelay, turnAfter, turnsBetween, untilFirstTurn } from './turns.js';

/** How a planner is bounded. */
export interface PlannerBounds {
  /** How many run at once. */
  readonly concurrency: number;
  /** Starts a second. */
  readonly rate: number;
  /** What the offsets of turns depend on beside the name of a task. */
  readonly seed: string;
  readonly firstRun: 'spread' | 'at-once';
}

/** What a planner asks and tells. */
export interface PlannerHandlers {
  /** The turn of a task has come: whether it takes it. */
  onTurn(record: TaskRecord, now: number): 'run' | 'leave out';
  /** Starts it. The planner is told by `ended` when that is over. */
  start(record: TaskRecord, now: number): void;
  /** Whether anybody may start at all now; {@link Planner.review} when that has changed. */
  mayStart(): boolean;
}

/** Who is started when: one timer over a queue of turns, however many tasks there are. */
export class Planner {
  readonly #bounds: PlannerBounds;
  readonly #handlers: PlannerHandlers;
  readonly #turns = new DueQueue<TaskRecord>();
  /** Those whose turn has come, in this order. */
  readonly #queue = new Set<TaskRecord>();
  readonly #rate: StartRate;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #inFlight = 0;
  #removed = 0;
  #isRunning = false;

  constructor(bounds: PlannerBounds, handlers: PlannerHandlers) {
    this.#bounds = bounds;
    this.#handlers = handlers;
    this.#rate = new StartRate(bounds.rate);
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** How many wait for a place. */
  get queued(): number {
    return this.#queue.size;
  }

  start(records: Iterable<TaskRecord>): void {
    this.#isRunning = true;
    this.add(records);
  }

  /** Nobody is started any more; those in flight go on. */
  stop(): void {
    this.#isRunning = false;
    for (const record of this.#queue) record.isQueued = false;
    this.#queue.clear();
    this.#turns.fill([]);
    this.#removed = 0;
    this.#clearTimer();
  }

  add(records: Iterable<TaskRecord>): void {
    if (!this.#isRunning) return;
    const now = performance.now();
    let rank = 0;
    for (const record of records) {
      const { interval, task } = record;
      const wait =
        this.#bounds.firstRun === 'at-once'
          ? slowStartDelay(rank++)
          : untilFirstTurn(offsetOf(`${this.#bounds.seed} ${task.name}`, interval), interval, Date.now());
      record.anchor = now + wait;
      record.due = record.anchor;
      record.markAlive(record.due);
      this.#turns.push(record);
    }
    this.review();
  }

  remove(record: TaskRecord): void {
    this.#queue.delete(record);
    record.isQueued = false;
    if (!this.#isRunning) return;
    // What is removed stands in the queue until its turn would have come, unless that is true for too many.
    this.#removed += 1;
    if (this.#removed * 2 > this.#turns.size) this.#refill(() => {});
    this.review();
  }

  /** Takes those out of the queue whose turn has come, but that had no place yet. */
  withdraw(isMeant: (record: TaskRecord) => boolean): readonly TaskRecord[] {
    const withdrawn = [...this.#queue].filter(isMeant);
    for (const record of withdrawn) {
      this.#queue.delete(record);
      record.isQueued = false;
    }
    return withdrawn;
  }

  /** One that was started has ended. */
  ended(): void {
    this.#inFlight -= 1;
    this.review();
  }

  /** Brings those forward whose turns were skipped: a few at once, then more and more. Whose own turn comes sooner waits for that. */
  bringForward(isWanted: (record: TaskRecord) => boolean): void {
    const now = performance.now();
    let rank = 0;
    this.#refill((record) => {
      if (isWanted(record)) record.due = Math.min(record.due, now + slowStartDelay(rank++));
    });
    this.review();
  }

  /** Starts whoever may start now, and sets the timer for the next. */
  review(): void {
    if (!this.#isRunning) return;
    const now = performance.now();
    this.#takeTurns(now);
    this.#startQueued(now);
    this.#setTimer();
  }

  #takeTurns(now: number): void {
    const late = now - (this.#turns.first?.due ?? now);
    if (late > STALL) this.#resumeAfterStall(now);
    for (let record = this.#turns.first; record !== undefined && record.due <= now; record = this.#turns.first) {
      this.#turns.pop();
      if (record.isRemoved) this.#removed -= 1;
      else this.#takeTurn(record, now);
    }
  }

  #takeTurn(record: TaskRecord, now: number): void {
    const isTaken = this.#handlers.onTurn(record, now) === 'run';
    const dueAt = record.due;
    record.due = turnAfter(record, now);
    record.missed += turnsBetween(dueAt, record.due, record.interval);
    // A listener may have removed it, or stopped everything.
    if (record.isRemoved || !this.#isRunning) return;
    this.#turns.push(record);
    if (!isTaken) return;
    record.isQueued = true;
    record.queuedAt = dueAt;
    this.#queue.add(record);
  }

  /** Whoever is overdue because this process stood still is not started at once with all others who are. */
  #resumeAfterStall(now: number): void {
    let rank = 0;
    this.#refill((record) => {
      if (record.due > now) return;
      record.missed += turnsBetween(record.due, now, record.interval);
      // No result could come meanwhile, and so none is missing.
      record.aliveAt += now - record.due;
      record.due = now + slowStartDelay(rank++);
    });
  }

  #refill(change: (record: TaskRecord) => void): void {
    const records = this.#turns.items().filter((record) => !record.isRemoved);
    for (const record of records) change(record);
    this.#turns.fill(records);
    this.#removed = 0;
  }

  #startQueued(now: number): void {
    for (const record of this.#queue) {
      if (this.#inFlight >= this.#bounds.concurrency || !this.#handlers.mayStart()) return;
      if (!this.#rate.take(now)) {
        this.#setTimerAt(now + this.#rate.wait);
        return;
      }
      this.#queue.delete(record);
      record.isQueued = false;
      this.#inFlight += 1;
      this.#handlers.start(record, now);
    }
  }

  #setTimer(): void {
    const { first } = this.#turns;
    if (first !== undefined) this.#setTimerAt(first.due);
  }

  /** The earliest that is asked for counts; when it fires, everything is looked at. */
  #setTimerAt(at: number): void {
    if (at >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    const wait = Math.min(Math.ceil(at - performance.now()), LONGEST_TIMER);
    this.#timer = setTimeout(
      () => {
        this.#clearTimer();
        this.review();
      },
      Math.max(wait, 1),
    ).unref();
  }

  #clearTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerAt = Number.POSITIVE_INFINITY;
  }
}

/** A turn that is this late has not waited for others, but for a process that stood still. Milliseconds. */
const STALL = 1_000;
