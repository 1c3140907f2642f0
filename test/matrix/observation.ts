import type { NetworkReason, NetworkState } from '../../src/monitor/index.js';

/** A stretch of time, in milliseconds since the scene began; all times here are such, by CLOCK_MONOTONIC, which processes share. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

/** Who the evidence of an outage is: the kernel, or nobody but the silence of those who were asked. */
export type Evidence = 'path' | 'reach';

/** An outage, by the clock of the one who made it. */
export interface Outage extends Span {
  readonly evidence: Evidence;
  /** When it was certain to be complete: what makes it had returned. */
  readonly madeBy: number;
  /** When it began to be mended. Until then a verdict must give one of the reasons; while it is half mended, it may give others. */
  readonly mendedFrom: number;
  readonly reasons: readonly NetworkReason[];
  /** Whether work was in flight: then the monitor has to look more closely. */
  readonly busy: boolean;
  /** False for what is over sooner than anybody promises to see it. */
  readonly mustBeSeen: boolean;
  /** Milliseconds within which it must be seen, where that is not what the {@link Bounds} say. */
  readonly within?: number;
}

/** What the monitor said of a subject, from `at` on. */
export interface Verdict {
  readonly at: number;
  readonly state: NetworkState;
  readonly reason: NetworkReason;
}

/** A fresh connection to the destination of the work, made by a process that knows nothing of the monitor. */
export interface Connect extends Span {
  readonly outcome: 'connected' | (string & {});
}

/** What `ip route get` said about the destination: no way, a way, or one over a dead link or from no usable address. */
export interface Lookup {
  readonly at: number;
  readonly answer: 'refused' | 'route' | 'dead';
}

/** What became of a piece of work, step by step. */
export interface WorkStep {
  readonly at: number;
  readonly step:
    | { readonly kind: 'attempt' | 'pause' | 'resume' | 'done' }
    | { readonly kind: 'failure'; readonly code: string; readonly spent: boolean }
    | { readonly kind: 'failed'; readonly code: string };
}

export interface WorkHistory {
  readonly name: string;
  /** `unspent`: it must be done, and nothing may be charged. `spending`: attempts may be spent, but it must be done. */
  readonly fate: 'unspent' | 'spending';
  readonly steps: readonly WorkStep[];
}

/** What the judgement allows, in milliseconds. */
export interface Bounds {
  /** A path outage is seen within this while nobody works, and while work is in flight. */
  readonly path: { readonly idle: number; readonly busy: number };
  /** The interval of the checks and two timeouts. */
  readonly reach: number;
  /** What one round of checks takes at most. */
  readonly round: number;
  /** The interval of the trials and two timeouts. */
  readonly stuck: number;
}

/** All that was seen of one subject, the host or a target, in one scene. */
export interface Observation {
  readonly subject: string;
  readonly bounds: Bounds;
  readonly outages: readonly Outage[];
  /** The first is what was said when the scene began. */
  readonly verdicts: readonly Verdict[];
  /** What may be said while nothing is wrong, as `'up (reachable)'`. */
  readonly calm: readonly string[];
  /** What may be said in the end. */
  readonly finally: readonly string[];
  /** Whether the connections of the witness go where the subject's work goes, so that they are the truth about it. */
  readonly witnessed: boolean;
  /** How many connections may fail although nothing is wrong, because a fault was too short to count. */
  readonly blinks: number;
  readonly connects: readonly Connect[];
  readonly lookups: readonly Lookup[];
  readonly works: readonly WorkHistory[];
  /** When the process of the monitor did not get the processor, or was kept from its event loop: nobody can see anything then. */
  readonly stalls: readonly Span[];
  readonly endedAt: number;
}
