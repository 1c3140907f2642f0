import type { ProbeStatus } from '../result.js';
import type { TaskRecord } from './task-record.js';

/**
 * How a task stands.
 *
 * - `stopped`: the schedule does not run, or starts nothing any more.
 * - `paused`: this host's network is down.
 * - `dead`: no result has come for some intervals, though it should.
 * - `running`: a probe is in flight.
 * - `backing-off`: it has crashed again and again, and rests.
 * - `waiting`: for its next turn, or for a place.
 */
export type TaskState = 'stopped' | 'paused' | 'dead' | 'running' | 'backing-off' | 'waiting';

/** How one task stands, as a plain value. Moments are milliseconds since the epoch. */
export interface TaskHealth {
  /** Unique in its schedule. */
  readonly name: string;
  /** The engine's name, or that of the function. */
  readonly probe: string;
  /** As it may be shown. */
  readonly target: string;
  /** What it does. */
  readonly state: TaskState;
  /** Milliseconds by which the last start came after its turn. */
  readonly late: number;
  /** When it was last started. */
  readonly lastStart?: number;
  /** When a run last ended, in whatever way. */
  readonly lastEnd?: number;
  /** What the last result said. */
  readonly lastStatus?: ProbeStatus;
  /** What the last crash said; absent when a result has come since. */
  readonly lastError?: string;
  /** How often it was started. */
  readonly runs: number;
  /** How many of its turns came while the run before was still in flight or waited for a place, and were left out. */
  readonly overruns: number;
  /** How often it threw, gave no result or hung. */
  readonly crashes: number;
  /** How many runs were told to end, did not, and are still left behind. */
  readonly abandoned: number;
  /** How many turns were left out while the network was down. */
  readonly skipped: number;
  /** How many turns were left out because this process, or a slow reader of results, held them up. */
  readonly missed: number;
}

/**
 * How a schedule stands.
 *
 * - `ok`: every task gives results.
 * - `paused`: this host's network is down.
 * - `failing`: a task is dead.
 * - `stopped`: it does not run, or starts nothing any more.
 */
export type ScheduleStatus = 'ok' | 'paused' | 'failing' | 'stopped';

/** How a schedule and its tasks stand, as a plain value. */
export interface ScheduleHealth {
  /** How all of it stands. */
  readonly status: ScheduleStatus;
  /** How many tasks are dead. */
  readonly dead: number;
  /** How many runs are in flight. */
  readonly inFlight: number;
  /** How many tasks wait for a place under the bounds of concurrency and rate. */
  readonly queued: number;
  /** How many results were dropped because their readers were slow. */
  readonly dropped: number;
  /** Each task. */
  readonly tasks: readonly TaskHealth[];
}

/** What the judgement of a task depends on beside the task. */
export interface HealthFacts {
  readonly now: number;
  readonly isRunning: boolean;
  readonly isDown: boolean;
  /** After how many intervals without a result a task is dead. */
  readonly deadAfter: number;
  /** Milliseconds. */
  readonly grace: number;
}

/** Whether a task should have given a result by now, and has not. */
export function isDead({ aliveAt, task }: TaskRecord, { now, deadAfter, grace }: HealthFacts): boolean {
  return now - aliveAt > deadAfter * task.interval + task.timeout + grace;
}

export function healthOf(record: TaskRecord, facts: HealthFacts): TaskHealth {
  const { task, lastStart, lastEnd, lastStatus, lastError } = record;
  const { late, runs, overruns, crashes, abandoned, skipped, missed } = record;
  return {
    name: task.name,
    probe: task.probe,
    target: task.target,
    state: stateOf(record, facts),
    late,
    ...(lastStart !== undefined && { lastStart }),
    ...(lastEnd !== undefined && { lastEnd }),
    ...(lastStatus !== undefined && { lastStatus }),
    ...(lastError !== undefined && { lastError: lastError.message }),
    runs,
    overruns,
    crashes,
    abandoned,
    skipped,
    missed,
  };
}

function stateOf(record: TaskRecord, facts: HealthFacts): TaskState {
  if (!facts.isRunning) return record.running === undefined ? 'stopped' : 'running';
  if (facts.isDown && record.task.pauseWhileDown && !record.goesOn) return 'paused';
  if (isDead(record, facts)) return 'dead';
  if (record.running !== undefined) return 'running';
  return facts.now < record.restsUntil ? 'backing-off' : 'waiting';
}

/** The judgement of all. */
export function scheduleStatusOf(states: readonly TaskState[], { isRunning, isDown }: HealthFacts): ScheduleStatus {
  if (!isRunning) return 'stopped';
  if (states.includes('dead')) return 'failing';
  return isDown ? 'paused' : 'ok';
}
