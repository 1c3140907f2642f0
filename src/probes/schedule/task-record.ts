import type { ProbeStatus } from '../result.js';
import type { RunnableTask, ScheduledTask } from './task.js';
import type { Turns } from './turns.js';

/** What a schedule knows of one of its tasks. */
export class TaskRecord implements Turns {
  readonly task: ScheduledTask;
  readonly runnable: RunnableTask;
  /** See {@link Turns}. */
  anchor = 0;
  /** When its next turn is, by the monotonic clock. */
  due = 0;
  isRemoved = false;
  /** Its turn has come, and it waits for a place. */
  isQueued = false;
  /** When the turn was due that it waits for a place with, by the monotonic clock. */
  queuedAt = 0;
  /** Ends the run that is in flight. */
  running: AbortController | undefined;
  /** Whether its turns were skipped for an outage, and none has been since. */
  wasSkipped = false;
  /** Its last turn in this outage was taken, since the way to its target stands. */
  goesOn = false;
  /** Runs that were left behind and have not settled yet. */
  abandoned = 0;
  /** In a row, up to now. */
  crashesInARow = 0;
  /** Before this moment it does not start, by the monotonic clock. */
  restsUntil = Number.NEGATIVE_INFINITY;
  /** From when on a result is missing, by the monotonic clock: its last one, or when it began to be awaited. */
  aliveAt = 0;
  /** Whether it has been said that it is dead. */
  isSaidDead = false;

  lastStart: number | undefined;
  lastEnd: number | undefined;
  lastStatus: ProbeStatus | undefined;
  lastError: Error | undefined;
  late = 0;
  runs = 0;
  overruns = 0;
  crashes = 0;
  skipped = 0;
  missed = 0;

  constructor(runnable: RunnableTask) {
    this.runnable = runnable;
    this.task = runnable.task;
  }

  get interval(): number {
    return this.task.interval;
  }

  /** A result has come, or is awaited anew from now on. */
  markAlive(now: number): void {
    this.aliveAt = now;
    this.isSaidDead = false;
  }
}
