import { checkOptions, numberFrom, type OptionRules } from '../../options/index.js';
import { type Availability, AvailabilityRecord } from '../quality/index.js';
import type { ScheduledTask } from '../schedule/task.js';
import type { Annotate } from './annotation.js';

/** How `annotateAvailability` reckons. */
export interface AnnotateAvailabilityOptions {
  /**
   * For how long what a probe found is taken to go on, in milliseconds, where no other result follows. Time beyond that is unknown.
   *
   * @default three intervals of the task: one result may then be late
   */
  readonly holds?: number | undefined;
}

/** What `annotateAvailability` adds to the facts. */
export interface AvailabilityFacts {
  /** Since the first result of the task, up to the end of this one's probe. */
  readonly availability: Availability;
}

/**
 * Adds to every result how available the target was since its task was added: {@link AvailabilityFacts}, by an `AvailabilityRecord` for each
 * task. A task that is removed, or changed, begins anew. An inconclusive result has it as well: from there on nothing is known until the next.
 *
 * @throws {InvalidOptionError}
 */
export function annotateAvailability(options: AnnotateAvailabilityOptions = {}): Annotate {
  checkOptions('annotateAvailability', options, RULES);
  // By the object, which goes when the task does. Several schedules may have tasks of one name.
  const records = new WeakMap<ScheduledTask, AvailabilityRecord>();
  return (result, task) => {
    const { holds = INTERVALS * task.interval } = options;
    const record = records.get(task) ?? new AvailabilityRecord({ holds });
    records.set(task, record);
    record.add(result);
    const facts: AvailabilityFacts = { availability: record.at(result.startedAt + result.duration) };
    return { ...result, facts: { ...result.facts, ...facts } };
  };
}

const INTERVALS = 3;

const RULES: OptionRules<AnnotateAvailabilityOptions> = { holds: numberFrom(1, Number.MAX_VALUE, 'milliseconds') };
