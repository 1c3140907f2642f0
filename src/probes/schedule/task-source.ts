import type { Annotate } from '../annotate/annotation.js';
import type { ScheduleTask } from './task.js';

/** Where a source brings its tasks. */
export interface TaskSink {
  /**
   * All tasks that there are now; those of before that are not among them go.
   *
   * @param annotate what adds facts to their results from now on, after the schedule's own annotations. By default nothing.
   * @throws {InvalidOptionError} where something is wrong with one of them; then all stay as they were.
   */
  replace(tasks: readonly ScheduleTask[], annotate?: readonly Annotate[]): void;
  /** Something that they need could not be found out or read: all stay as they were. */
  fail(error: Error): void;
}

/** Brings a schedule its tasks, and goes on doing so as they change: `tasksFromFile`, `tasksFromSrv`, or one of your own. */
export interface TaskSource {
  /** Begins; resolves when the first tasks are there, or it is clear that they cannot be had for now. Does not reject. */
  start(sink: TaskSink): Promise<void>;
  /** Looks again now, whether or not anything seems to have changed. */
  refresh(): Promise<void>;
  /** Ends; nothing is brought any more, and nothing keeps the process alive. */
  stop(): void;
}
