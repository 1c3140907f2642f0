import type { CheckType, MemberOutage, MemberRecord } from '../wire/index.js';
import type { MissingCounts } from './missing-analysis.js';

/** What one member found by one type of check, of the targets of its row and in their order. */
export interface MatrixColumn {
  /** One character for each target: `+` ok, `-` failed, `?` inconclusive, `.` not checked. Of several endpoints, the worst. */
  readonly verdicts: string;
  /** Of tcp, http and ping milliseconds; of bandwidth 10⁶ bits a second; of traceroute hops; null where it is not known. */
  readonly values: readonly (number | null)[];
  /** How old each check was at the time of the row, in seconds. */
  readonly ages: readonly number[];
  /** Of those that are not ok: the position, and why in one or two words. */
  readonly notes: readonly (readonly [position: number, why: string])[];
  /** Of ping the loss, 0 to 1; of traceroute the highest latency of a hop, in milliseconds; absent where none is known. */
  readonly extras?: readonly (number | null)[];
}

/** What one member reported last of the others. Members are told by their positions in `ids`. */
export interface MatrixRow {
  readonly source: number;
  /** When the report came, in milliseconds since 1970 by the registry's clock. */
  readonly at: number;
  readonly targets: readonly number[];
  readonly checks: Readonly<Partial<Record<CheckType, MatrixColumn>>>;
}

/** Rows, and the ids that they are about. */
export interface MatrixPart {
  readonly ids: readonly string[];
  readonly rows: readonly MatrixRow[];
}

/** How the registry is itself. Milliseconds since 1970 where nothing else is said. */
export interface RegistryCondition {
  readonly version: string;
  /** Milliseconds without a sign of life after which a member counts as silent: a third of those after which it is forgotten. */
  readonly silent_after: number;
  /** Milliseconds after which what a member reported counts as old: three fifths of those for which it is kept. */
  readonly old_after: number;
  /** Since when the shared store is away; absent while it is not. */
  readonly store_away_since?: number;
  /** Since when the registry is offline itself; absent while it is not. */
  readonly offline_since?: number;
}

/** `GET /matrix`: all that a page shows of the ring. Times are milliseconds since 1970 where nothing else is said. */
export interface RingSnapshot {
  /** By the registry's clock. */
  readonly now: number;
  readonly registry: RegistryCondition;
  readonly members: readonly MemberRecord[];
  readonly matrix: MatrixPart;
  readonly outages: readonly MemberOutage[];
  readonly analysis: MissingCounts;
}

/** The event `change` of `GET /events?view=matrix`: what is another than before. What is absent is as it was. */
export interface RingChange {
  readonly now: number;
  readonly registry?: RegistryCondition;
  /** Those that came or changed. */
  readonly members?: readonly MemberRecord[];
  /** The ids of those that are forgotten. */
  readonly gone?: readonly string[];
  /** The rows of those that reported. */
  readonly matrix?: MatrixPart;
  /** The ids of those whose reports are forgotten. */
  readonly silent?: readonly string[];
  /** Those that began, ended, or were told of. */
  readonly outages?: readonly MemberOutage[];
  readonly analysis?: MissingCounts;
}
