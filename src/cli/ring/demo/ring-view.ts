import { z } from 'zod';
import type { Verdict } from '../../../ring/index.js';

/** What the registry tells at one moment. Times are in milliseconds since 1970. */
export interface RingView {
  readonly at: number;
  readonly members: readonly SeenMember[];
  readonly checks: readonly SeenCheck[];
  readonly outages: readonly SeenOutage[];
}

export interface SeenMember {
  readonly id: string;
  /** When it was heard of last; in whole seconds. */
  readonly lastSeen: number;
}

/** What one member says of another. */
export interface SeenCheck {
  readonly source: string;
  readonly target: string;
  readonly verdict: Verdict;
}

/** When a member was offline itself, as it has told. */
export interface SeenOutage {
  readonly id: string;
  readonly from: number;
  readonly until?: number | undefined;
  readonly reason: string;
}

/** Puts the answers of `/members`, `/metrics` and `/outages` together. @throws {z.ZodError} for what is none of them. */
export function ringViewOf(at: number, members: unknown, metrics: unknown, outages: unknown): RingView {
  return {
    at,
    members: membersSchema
      .parse(members)
      .members.filter(({ status }) => status === 'active')
      .map((member) => ({ id: member.instance_id, lastSeen: member.last_seen * 1_000 })),
    checks: Object.entries(metricsSchema.parse(metrics).metrics).flatMap(([source, { checks }]) =>
      checks.filter(({ type }) => LIVE.has(type)).map(({ target, verdict }) => ({ source, target, verdict })),
    ),
    outages: outagesSchema.parse(outages).outages,
  };
}

/** What tells whether a member can be reached now. */
const LIVE: ReadonlySet<string> = new Set(['tcp', 'http', 'ping']);

const membersSchema = z.object({
  members: z.array(z.object({ instance_id: z.string(), status: z.string(), last_seen: z.number() })),
});

const metricsSchema = z.object({
  metrics: z.record(
    z.string(),
    z.object({
      checks: z
        .array(z.object({ type: z.string(), target: z.string(), verdict: z.enum(['ok', 'failed', 'inconclusive']) }))
        .default([]),
    }),
  ),
});

const outagesSchema = z.object({
  outages: z.array(z.object({ id: z.string(), from: z.number(), until: z.number().optional(), reason: z.string() })),
});
