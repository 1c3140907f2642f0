import type { CoursePlan } from './course-plan.js';
import { StepQueue } from './step-queue.js';

/** What is known of one flow. */
export interface FlowState {
  /** The next hop of the first round. */
  next: number;
  /** How far the first round may ask by now. */
  reach: number;
  /** How far the other rounds were sent ahead of its answers. */
  ahead: number;
  /** When it may ask further although nothing has come. */
  stretchAt: number;
  /** The farthest router that has answered. */
  highest: number;
  targetAt: number;
  unreachableAt: number;
  /** Whether there are errors that do not say which probe they are for. */
  isBlind: boolean;
  /** How many of them came, how many probes they may be for, and until when more may come. */
  unnamed: number;
  nameless: number;
  quietAt: number;
  /** The last hop of all other rounds; undefined as long as the first round looks for it. */
  last: number | undefined;
  /** At which hop somebody first answered, and whether anybody did at two. */
  readonly firstAt: Map<string, number>;
  sawTwice: boolean;
  /** The hops that have answered with the name of the probe. */
  readonly known: Set<number>;
  readonly parallel: StepQueue;
  readonly serial: StepQueue;
  /** The one probe on its way that an error without a name would be for. */
  asking: number | undefined;
}

export function newFlow(plan: CoursePlan): FlowState {
  return {
    next: 1,
    reach: plan.distance ?? plan.window,
    ahead: 0,
    stretchAt: Number.POSITIVE_INFINITY,
    highest: 0,
    targetAt: Number.POSITIVE_INFINITY,
    unreachableAt: Number.POSITIVE_INFINITY,
    isBlind: false,
    unnamed: 0,
    nameless: 0,
    quietAt: 0,
    last: undefined,
    firstAt: new Map<string, number>(),
    sawTwice: false,
    known: new Set<number>(),
    parallel: new StepQueue(),
    serial: new StepQueue(),
    asking: undefined,
  };
}

/**
 * Whether nothing can come any more that an answer to the next single probe could be taken for: everything without a name has been heard of,
 * or its time is over.
 */
export function isQuiet({ isBlind, last, unnamed, nameless, quietAt }: FlowState, now: number): boolean {
  return !isBlind || last === undefined || unnamed >= nameless || now >= quietAt;
}
