import type { Alert, LocationVerdict, MembersJudgement } from '../expected/index.js';
import type { MemberRecord } from '../wire/index.js';

/** Who is missing, as `GET /members_with_analysis` tells it. Durations are in seconds, times in seconds since 1970. */
export type MissingAnalysis =
  | { readonly enabled: false; readonly locations: Record<string, never>; readonly alerts: readonly [] }
  | {
      readonly enabled: true;
      readonly timestamp: number;
      readonly locations: Readonly<Record<string, LocationAnalysis>>;
      readonly alerts: readonly AnalysisAlert[];
      readonly summary: {
        readonly total_expected_locations: number;
        readonly total_missing_members: number;
        readonly critical_locations_missing: number;
        readonly unexpected_locations: number;
      };
    };

/** One location. */
export interface LocationAnalysis {
  readonly expected_count: number;
  readonly actual_count: number;
  readonly missing_count: number;
  readonly status: LocationVerdict['status'];
  readonly criticality: LocationVerdict['criticality'];
  readonly grace_period: number;
  readonly description: string;
  readonly current_members: readonly {
    readonly instance_id: string;
    readonly last_seen: number;
    readonly ip: string;
  }[];
}

/** An alert that stands. */
export interface AnalysisAlert {
  readonly level: 'error' | 'warning';
  readonly message: string;
  readonly key: string;
  readonly raised_at: number;
  readonly location?: string;
  readonly criticality?: string;
  readonly missing_count?: number;
  readonly critical_locations?: number;
  readonly total_missing?: number;
}

export const NO_ANALYSIS: MissingAnalysis = { enabled: false, locations: {}, alerts: [] };

/** @param now milliseconds since 1970. */
export function missingAnalysis(
  { verdicts, standing, summary }: MembersJudgement,
  members: readonly MemberRecord[],
  now: number,
): MissingAnalysis {
  const byId = new Map(members.map((member) => [member.instance_id, member]));
  return {
    enabled: true,
    timestamp: Math.floor(now / 1_000),
    locations: Object.fromEntries(verdicts.map((verdict) => [verdict.location, analysisOf(verdict, byId)])),
    alerts: standing.map(alertOf),
    summary: {
      total_expected_locations: summary.expectedLocations,
      total_missing_members: summary.missingMembers,
      critical_locations_missing: summary.criticalLocationsMissing,
      unexpected_locations: summary.unexpectedLocations,
    },
  };
}

function analysisOf(verdict: LocationVerdict, byId: ReadonlyMap<string, MemberRecord>): LocationAnalysis {
  return {
    expected_count: verdict.expected,
    actual_count: verdict.actual,
    missing_count: verdict.missing,
    status: verdict.status,
    criticality: verdict.criticality,
    grace_period: verdict.gracePeriod / 1_000,
    description: verdict.description,
    current_members: verdict.members.flatMap((id) => {
      const member = byId.get(id);
      return member === undefined ? [] : [{ instance_id: id, last_seen: member.last_seen, ip: member.ip }];
    }),
  };
}

/** As it is told of: by Netring's names, with times in seconds since 1970. */
export function alertOf(alert: Alert): AnalysisAlert {
  const { level, message, key, raisedAt } = alert;
  return { level, message, key, raised_at: Math.floor(raisedAt / 1_000), ...aboutOf(alert) };
}

function aboutOf(alert: Alert): Partial<AnalysisAlert> {
  switch (alert.about) {
    case 'location':
      return { location: alert.location, criticality: alert.criticality, missing_count: alert.missing };
    case 'critical':
      return { critical_locations: alert.locations, total_missing: alert.missing };
    case 'total':
      return { total_missing: alert.missing };
  }
}
