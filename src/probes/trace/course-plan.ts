import type { MplsLabel } from './icmp-extensions.js';
import type { Unreachable } from './trace-result.js';

/** How a trace proceeds. Times are in milliseconds. */
export interface CoursePlan {
  readonly maxHops: number;
  readonly rounds: number;
  readonly flows: number;
  readonly interval: number;
  readonly timeout: number;
  /** How many hops are asked beyond the last one that has answered, while it is not known how far away the target is. */
  readonly window: number;
  /**
   * How far away the target was the last time, if that is known. Beyond it is only asked where a router answers there, or nobody does: a target
   * limits its answers as routers do, and would have none left for the traces that follow.
   */
  readonly distance?: number | undefined;
  /** Whether only one probe of a flow may be on its way. */
  readonly isSerial: boolean;
}

/** One probe. Counted from 0, but for the time to live. */
export interface Step {
  readonly index: number;
  readonly flow: number;
  readonly round: number;
  readonly ttl: number;
}

/** What came back. */
export interface TraceAnswer {
  readonly from: string;
  /** From a router on the way, from the target, or from somebody who says that it goes no further. */
  readonly kind: 'hop' | 'target' | 'unreachable';
  /** Milliseconds. */
  readonly rtt: number;
  readonly unreachable?: Unreachable;
  readonly mpls?: readonly MplsLabel[];
}

/** A probe that was sent, and what came of it. */
export interface TracedProbe extends Step {
  readonly answer: TraceAnswer | undefined;
  /** Whether it was sent in the first round, a hop or more beyond the target, and stands for a probe of a later one. */
  readonly isStandIn: boolean;
}

/** What came of it all. */
export interface CourseOutcome {
  readonly probes: readonly TracedProbe[];
  /** For each flow, how far away its end is; undefined where nothing ended it. */
  readonly ends: readonly (number | undefined)[];
  /** The farthest hop that was asked. */
  readonly asked: number;
  /** Why this host could not send, the last time that it could not. */
  readonly sendError: unknown;
}
