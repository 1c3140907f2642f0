import type { MatrixData } from '../parts/matrix/index.js';
import { countMarks, MARK, markIn } from '../parts/matrix/index.js';
import { statusOf } from './member-status.js';
import type { RingState, Row } from './model.js';

/** The ring in numbers. */
export interface RingStats {
  readonly members: number;
  /** Of them, those that nothing was heard of for a while, and those that are offline themselves. */
  readonly silent: number;
  readonly offline: number;
  readonly left: number;
  readonly pairs: { readonly ok: number; readonly failed: number; readonly inconclusive: number; readonly all: number };
  readonly expected: { readonly isKnown: boolean; readonly missing: number; readonly alerts: number };
}

/** @param all the matrix of all checks, without filters. */
export function statsOf(state: RingState, all: MatrixData, now: number): RingStats {
  const kinds = { here: 0, silent: 0, offline: 0, left: 0 };
  for (const member of state.members.values()) kinds[statusOf(member, state, now).kind] += 1;
  const { ok, failed, inconclusive, none } = countMarks(all.rows);
  const { analysis } = state;
  return {
    members: state.members.size - kinds.left,
    ...kinds,
    pairs: { ok, failed, inconclusive, all: ok + failed + inconclusive + none },
    expected: {
      isKnown: analysis.enabled,
      missing: analysis.enabled ? analysis.summary.total_missing_members : 0,
      alerts: analysis.alerts.length,
    },
  };
}

/** Median round trip of TCP in milliseconds; undefined where none is known. Of 40,000 pairs it takes a few milliseconds. */
export function medianLatency({ rows }: Pick<RingState, 'rows'>): number | undefined {
  const values: number[] = [];
  for (const { checks } of rows.values()) {
    const column = checks.tcp ?? checks.ping;
    for (const [index, value] of (column?.values ?? []).entries()) {
      if (value !== null && column?.verdicts[index] === '+') values.push(value);
    }
  }
  return median(values);
}

/** Of an even number, the lower one of the two. */
export function median(values: readonly number[]): number | undefined {
  return Float64Array.from(values).sort()[(values.length - 1) >> 1];
}

/** Of each row it is found once. */
const MEDIANS = new WeakMap<Row, number | undefined>();

function rowMedian(row: Row): number | undefined {
  if (!MEDIANS.has(row)) {
    const { values = [], verdicts = '' } = row.checks.tcp ?? row.checks.ping ?? {};
    MEDIANS.set(
      row,
      median(values.flatMap((value, index) => (verdicts[index] === '+' && value !== null ? [value] : []))),
    );
  }
  return MEDIANS.get(row);
}

/** What is known of one member: what it finds, and what others find of it. */
export interface MemberStats {
  readonly out: { readonly ok: number; readonly failed: number; readonly inconclusive: number };
  readonly in: { readonly ok: number; readonly failed: number; readonly inconclusive: number };
  readonly latency: number | undefined;
  readonly reportedAt: number | undefined;
}

/** Of each member, by id. */
export function memberStats(state: RingState, all: MatrixData): ReadonlyMap<string, MemberStats> {
  const inwards = all.columns.map(() => ({ ok: 0, failed: 0, inconclusive: 0 }));
  const outwards = all.rows.map(({ cells }) => {
    const counts = { ok: 0, failed: 0, inconclusive: 0 };
    for (const [index, cell] of cells.entries()) {
      const name = NAMES[markIn(cell)];
      if (name === undefined) continue;
      counts[name] += 1;
      const inward = inwards[index];
      if (inward !== undefined) inward[name] += 1;
    }
    return counts;
  });
  const byColumn = new Map(all.columns.map(({ id }, index) => [id, inwards[index]]));
  return new Map(
    all.rows.map(({ header: { id } }, index) => {
      const row = state.rows.get(id);
      const none = { ok: 0, failed: 0, inconclusive: 0 };
      return [
        id,
        {
          out: outwards[index] ?? none,
          in: byColumn.get(id) ?? none,
          latency: row && rowMedian(row),
          reportedAt: row?.at,
        },
      ];
    }),
  );
}

const NAMES: Readonly<Record<number, 'ok' | 'failed' | 'inconclusive'>> = {
  [MARK.ok]: 'ok',
  [MARK.failed]: 'failed',
  [MARK.inconclusive]: 'inconclusive',
};
