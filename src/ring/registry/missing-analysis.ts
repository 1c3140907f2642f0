import type { Alert, Criticality, LocationStatus, LocationVerdict, MembersJudgement } from '../expected/index.js';
import type { MemberRecord } from '../wire/index.js';

/** Who is missing, as `GET /members_with_analysis` tells it. Durations are in seconds, times in seconds since 1970. */
export type MissingAnalysis =
  | {
      /** Nobody in particular is expected. */
      readonly enabled: false;
      /** None. */
      readonly locations: Record<string, never>;
      /** None. */
      readonly alerts: readonly [];
    }
  | {
      /** Whether anybody is expected. */
      readonly enabled: true;
      /** When it was told. */
      readonly timestamp: number;
      /** By their names. */
      readonly locations: Readonly<Record<string, LocationAnalysis>>;
      /** Those that stand. */
      readonly alerts: readonly AnalysisAlert[];
      /** In numbers. */
      readonly summary: {
        /** How many locations the file names. */
        readonly total_expected_locations: number;
        /** How many are missing altogether. */
        readonly total_missing_members: number;
        /** How many locations of high criticality miss somebody. */
        readonly critical_locations_missing: number;
        /** How many locations have members of whom the file says nothing. */
        readonly unexpected_locations: number;
      };
    };

/** One location. */
export interface LocationAnalysis {
  /** How many belong there. */
  readonly expected_count: number;
  /** How many are there. */
  readonly actual_count: number;
  /** max(0, expected − actual). */
  readonly missing_count: number;
  /** Whether those are there who are expected. */
  readonly status: LocationStatus;
  /** How much it matters. */
  readonly criticality: Criticality | 'unknown';
  /** How long one may be missing before anybody is alerted. */
  readonly grace_period: number;
  /** For people. */
  readonly description: string;
  /** Who is there. */
  readonly current_members: readonly {
    /** The member's id. */
    readonly instance_id: string;
    /** When it was heard of last. */
    readonly last_seen: number;
    /** Its address. */
    readonly ip: string;
  }[];
}

/** An alert that stands. */
export interface AnalysisAlert {
  /** How bad it is. */
  readonly level: 'error' | 'warning';
  /** For people. */
  readonly message: string;
  /** The same while the alert stands. */
  readonly key: string;
  /** When it was raised. */
  readonly raised_at: number;
  /** Where it is. */
  readonly location?: string;
  /** How much it matters. */
  readonly criticality?: string;
  /** How many are missing. */
  readonly missing_count?: number;
  /** How many locations of high criticality miss somebody. */
  readonly critical_locations?: number;
  /** How many are missing altogether. */
  readonly total_missing?: number;
}

/** One location in numbers. */
export type LocationCounts = Omit<LocationAnalysis, 'current_members'>;

/** Who is missing in numbers, as a page shows it that knows the members already. */
export type MissingCounts =
  | Extract<MissingAnalysis, { readonly enabled: false }>
  | (Omit<Extract<MissingAnalysis, { readonly enabled: true }>, 'locations'> & {
      readonly locations: Readonly<Record<string, LocationCounts>>;
    });

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

/** It stays the same while the same are there, however often they are heard of. */
export function countsOf(analysis: MissingAnalysis): MissingCounts {
  if (!analysis.enabled) return analysis;
  const locations = Object.entries(analysis.locations).map(
    ([name, { current_members: _members, ...counts }]) => [name, counts] as const,
  );
  return { ...analysis, locations: Object.fromEntries(locations) };
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
