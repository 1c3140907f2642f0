import type {
  MatrixColumn,
  MatrixPart,
  MissingCounts,
  RegistryCondition,
  RingChange,
  RingSnapshot,
} from '../../ring/registry/index.js';
import type { CheckType, MemberOutage, MemberRecord, Verdict } from '../../ring/wire/index.js';

/** What one member reported last of the others. */
export interface Row {
  /** When the report came: milliseconds since 1970 by the registry's clock. */
  readonly at: number;
  /** By the ids of the targets: their positions in the columns. */
  readonly positions: ReadonlyMap<string, number>;
  readonly checks: Readonly<Partial<Record<CheckType, MatrixColumn>>>;
}

/** What is known of the ring. Never changed: each change makes a new one, whose parts stay the same objects where nothing changed. */
export interface RingState {
  /** Whether anything is known yet. */
  readonly isLoaded: boolean;
  readonly registry: RegistryCondition;
  /** Those that are there, and those that have left within the last hour, by id. */
  readonly members: ReadonlyMap<string, MemberRecord>;
  /** By the id of the source. */
  readonly rows: ReadonlyMap<string, Row>;
  /** The outages that members had themselves, the latest last. */
  readonly outages: readonly MemberOutage[];
  /** Who is expected and who is missing. */
  readonly analysis: MissingCounts;
}

/** One check of one pair. */
export interface Check {
  readonly type: CheckType;
  readonly verdict: Verdict;
  /** Of tcp, http and ping milliseconds; of bandwidth 10⁶ bits a second; of traceroute hops. */
  readonly value: number | undefined;
  /** Of ping the loss, 0 to 1; of traceroute the highest latency of a hop in milliseconds. */
  readonly extra: number | undefined;
  /** Why it is not ok. */
  readonly why: string | undefined;
  /** Milliseconds since 1970 by the registry's clock. */
  readonly at: number;
}

export const NOTHING_KNOWN: RingState = {
  isLoaded: false,
  registry: { version: '', silent_after: Number.POSITIVE_INFINITY, old_after: Number.POSITIVE_INFINITY },
  members: new Map(),
  rows: new Map(),
  outages: [],
  analysis: { enabled: false, locations: {}, alerts: [] },
};

/** In the order of the toggles. */
export const CHECK_TYPES: readonly CheckType[] = ['tcp', 'http', 'ping', 'bandwidth', 'traceroute'];

/** The state that a snapshot tells. */
export function loaded({ registry, members, matrix, outages, analysis }: RingSnapshot): RingState {
  return {
    isLoaded: true,
    registry,
    members: new Map(members.map((member) => [member.instance_id, member])),
    rows: new Map(rowsOf(matrix)),
    outages,
    analysis,
  };
}

/** The state after changes, which come in their order. Rows that are older than what is known are left out: they were overtaken by a snapshot. */
export function changed(state: RingState, changes: readonly RingChange[]): RingState {
  return changes.reduce(afterOne, state);
}

function afterOne(state: RingState, change: RingChange): RingState {
  const { registry, members = [], gone = [], matrix, silent = [], outages, analysis } = change;
  return {
    ...state,
    ...(registry !== undefined && { registry }),
    ...((members.length > 0 || gone.length > 0) && { members: membersAfter(state.members, members, gone) }),
    ...((matrix !== undefined || silent.length > 0) && { rows: rowsAfter(state.rows, matrix, silent) }),
    ...(outages !== undefined && { outages: outagesAfter(state.outages, outages) }),
    ...(analysis !== undefined && { analysis }),
  };
}

function membersAfter(
  known: RingState['members'],
  set: readonly MemberRecord[],
  gone: readonly string[],
): RingState['members'] {
  const members = new Map(known);
  for (const id of gone) members.delete(id);
  for (const member of set) members.set(member.instance_id, member);
  return members;
}

function rowsAfter(
  known: RingState['rows'],
  matrix: MatrixPart | undefined,
  silent: readonly string[],
): RingState['rows'] {
  const rows = new Map(known);
  for (const id of silent) rows.delete(id);
  for (const [id, row] of matrix === undefined ? [] : rowsOf(matrix)) {
    if (row.at >= (rows.get(id)?.at ?? 0)) rows.set(id, row);
  }
  return rows;
}

/** One that has ended is the same as one that had begun. */
function outagesAfter(known: readonly MemberOutage[], told: readonly MemberOutage[]): readonly MemberOutage[] {
  const byKey = new Map([...known, ...told].map((outage) => [`${Math.round(outage.from)} ${outage.id}`, outage]));
  return [...byKey.values()].sort((a, b) => a.from - b.from).slice(-MOST_OUTAGES);
}

/** As many as a registry tells in a snapshot. */
const MOST_OUTAGES = 2_000;

function rowsOf({ ids, rows }: MatrixPart): readonly (readonly [string, Row])[] {
  return rows.map(({ source, at, targets, checks }) => {
    const positions = new Map(targets.map((target, position) => [ids[target] ?? '', position]));
    return [ids[source] ?? '', { at, positions, checks }] as const;
  });
}

const VERDICTS: Readonly<Record<string, Verdict>> = { '+': 'ok', '-': 'failed', '?': 'inconclusive' };

/** What a row tells of one target by one type of check; undefined where nothing is known. */
export function checkIn(row: Row | undefined, target: string, type: CheckType): Check | undefined {
  const position = row?.positions.get(target);
  const column = row?.checks[type];
  if (row === undefined || position === undefined || column === undefined) return undefined;
  const verdict = VERDICTS[column.verdicts[position] ?? ''];
  if (verdict === undefined) return undefined;
  return {
    type,
    verdict,
    value: column.values[position] ?? undefined,
    extra: column.extras?.[position] ?? undefined,
    why: column.notes.find(([noted]) => noted === position)?.[1],
    at: row.at - (column.ages[position] ?? 0) * 1_000,
  };
}

/** All that is known of a pair, in the order of {@link CHECK_TYPES}. */
export function checksOf(state: RingState, source: string, target: string): readonly Check[] {
  const row = state.rows.get(source);
  return CHECK_TYPES.flatMap((type) => checkIn(row, target, type) ?? []);
}

/**
 * The verdict of several checks: failed where one failed, else ok where one is ok, else inconclusive; undefined where there is none. One that
 * cannot tell does not take away what another has told.
 */
export function verdictOf(checks: readonly Pick<Check, 'verdict'>[]): Verdict | undefined {
  const verdicts = new Set(checks.map(({ verdict }) => verdict));
  return (['failed', 'ok', 'inconclusive'] as const).find((verdict) => verdicts.has(verdict));
}
