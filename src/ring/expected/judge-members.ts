import type { Alert, AlertEvent } from './alert.js';
import type { ExpectedMembers } from './expected-members.js';
import { judgeLocation, type LocationVerdict, unexpectedLocation } from './judge-location.js';
import type { MembersState } from './members-state.js';
import { standingAlerts } from './standing-alerts.js';

/** One that is there. */
export interface PresentMember {
  /** Two with the same id count once. */
  readonly id: string;
  /** Where it says that it is. */
  readonly location: string;
}

/** What one judgement comes to. */
export interface MembersJudgement {
  /** One for each expected location, in the order of the file, and then those that are unexpected. */
  readonly verdicts: readonly LocationVerdict[];
  /** To be given to the next judgement. */
  readonly state: MembersState;
  /** What began or ended with this judgement. */
  readonly alerts: readonly AlertEvent[];
  /** The alerts that stand now, whenever they began. */
  readonly standing: readonly Alert[];
  /** All locations together. */
  readonly summary: MembersSummary;
}

/** As Netring's `summary` of missing members: grace periods do not count here. */
export interface MembersSummary {
  /** How many locations the file names. */
  readonly expectedLocations: number;
  /** How many members are missing over all of them. */
  readonly missingMembers: number;
  /** Highly critical ones that lack members. */
  readonly criticalLocationsMissing: number;
  /** How many there are that the file does not name. */
  readonly unexpectedLocations: number;
}

/**
 * Who is missing, and whom to tell of it.
 *
 * In each location missing = max(0, expected − actual). A location is `missing_members` as soon as one is missing. Alerts wait for the grace period,
 * and for the location to be established; then highly critical locations raise an error, those of medium criticality a warning where two or more
 * are missing, and those of low criticality none. Two more are about all established locations together: an error when
 * `criticalMissingThreshold` highly critical ones lack members, and a warning when `totalMissingThreshold` members are missing, wherever they belong.
 *
 * An alert is told once when it is raised and once when it is resolved, as long as the state of each judgement is given to the next. Its key is the
 * same when it is raised again. The location that leaves the file resolves its alert.
 *
 * @param members who is there now.
 * @param state that of the judgement before; `INITIAL_MEMBERS_STATE` for the first. What is kept in a store survives a restart; without it, locations
 * have to be established anew.
 * @param now milliseconds, by the clock of the judgements before. One that is set back lets grace periods begin anew.
 */
export function judgeMembers(
  expected: ExpectedMembers,
  members: readonly PresentMember[],
  state: MembersState,
  now: number,
): MembersJudgement {
  const present = byLocation(members);
  const known = new Map(state.locations.map((each) => [each.location, each]));
  const judgements = expected.locations.map((each) =>
    judgeLocation(each, present.get(each.location) ?? [], known.get(each.location), expected.establishmentTime, now),
  );
  const expectedNames = new Set(expected.locations.map(({ location }) => location));
  const unexpected = [...present].filter(([location]) => !expectedNames.has(location));
  const verdicts = judgements.map(({ verdict }) => verdict);
  const standing = standingAlerts(expected, verdicts, state.raised, now);
  return {
    verdicts: [...verdicts, ...unexpected.map(([location, ids]) => unexpectedLocation(location, ids))],
    state: { locations: judgements.map((each) => each.state), raised: standing },
    alerts: changes(state.raised, standing, now),
    standing,
    summary: {
      expectedLocations: verdicts.length,
      missingMembers: verdicts.reduce((sum, { missing }) => sum + missing, 0),
      criticalLocationsMissing: verdicts.filter((each) => each.criticality === 'high' && each.missing > 0).length,
      unexpectedLocations: unexpected.length,
    },
  };
}

/** The last word of a member counts that says it is in two places. */
function byLocation(members: readonly PresentMember[]): ReadonlyMap<string, readonly string[]> {
  const places = new Map(members.map(({ id, location }) => [id, location]));
  const present = new Map<string, string[]>();
  for (const [id, location] of places) {
    const there = present.get(location);
    if (there === undefined) present.set(location, [id]);
    else there.push(id);
  }
  return present;
}

function changes(before: readonly Alert[], standing: readonly Alert[], at: number): readonly AlertEvent[] {
  const old = new Set(before.map(({ key }) => key));
  const current = new Set(standing.map(({ key }) => key));
  const resolved = before.filter(({ key }) => !current.has(key));
  const raised = standing.filter(({ key }) => !old.has(key));
  return [
    ...resolved.map((alert) => ({ event: 'resolved', at, alert }) as const),
    ...raised.map((alert) => ({ event: 'raised', at, alert }) as const),
  ];
}
