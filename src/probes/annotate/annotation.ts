import type { ProbeResult } from '../result.js';
import type { ScheduledTask } from '../schedule/task.js';

/**
 * Adds facts to a result of a schedule before anybody sees it. Only the facts of what it returns are taken: what a probe has found, no annotation
 * changes. They should be plain values, as those of every result are.
 *
 * One that throws, or returns no result, adds nothing: the schedule's `error` event tells, by an `AnnotationError`.
 *
 * @param task the same object for as long as the task is in its schedule, so that a `WeakMap` can keep what belongs to it.
 */
export type Annotate = (result: ProbeResult, task: ScheduledTask) => ProbeResult;
