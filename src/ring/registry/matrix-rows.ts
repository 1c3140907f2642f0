import type { StoredRecord } from '../../store/index.js';
import type { CheckType, Verdict } from '../wire/index.js';
import { foreignChecks, type MatrixCheck } from './foreign-checks.js';
import type { MatrixColumn, MatrixPart, MatrixRow } from './matrix-shapes.js';
import type { MemberReport } from './ring-book.js';

/** A row by itself: with the ids of the targets. */
interface PlainRow {
  readonly targets: readonly string[];
  readonly checks: MatrixRow['checks'];
}

/** What of a report a row is made of. */
export type MatrixReport = Pick<MemberReport, 'id' | 'at' | 'metrics' | 'takenAt' | 'record'>;

/**
 * Reports as rows of a matrix: a twentieth of what they are as they came. A row is made once for each report.
 *
 * @param reports those of different members.
 */
export function matrixOf(reports: readonly MatrixReport[]): MatrixPart {
  const positions = new Map<string, number>();
  const positionOf = (id: string): number => {
    const known = positions.get(id);
    if (known === undefined) positions.set(id, positions.size);
    return known ?? positions.size - 1;
  };
  const rows = reports.map((report): MatrixRow => {
    const { targets, checks } = plainRowOf(report);
    return { source: positionOf(report.id), at: report.at, targets: targets.map(positionOf), checks };
  });
  return { ids: [...positions.keys()], rows };
}

/** By where the report is kept, which stays the same object until the next one comes. */
const MADE = new WeakMap<StoredRecord, PlainRow>();

function plainRowOf(report: MatrixReport): PlainRow {
  const made = MADE.get(report.record) ?? makeRow(report);
  MADE.set(report.record, made);
  return made;
}

function makeRow({ id, metrics, at, takenAt }: MatrixReport): PlainRow {
  const checks = (metrics.checks ?? foreignChecks(metrics, at)).filter(({ target }) => target !== id);
  const targets = [...new Set(checks.map(({ target }) => target))];
  // By the clock of the member, as the times of its checks are.
  const now = takenAt ?? checks.reduce((latest, check) => Math.max(latest, check.at), 0);
  const byType = groupByType(checks);
  const columns = [...byType].map(([type, ofType]) => [type, columnOf(type, ofType, targets, now)] as const);
  return { targets, checks: Object.fromEntries(columns) };
}

/** `Map.groupBy`, which Node.js 20 does not have yet. */
function groupByType(checks: readonly MatrixCheck[]): ReadonlyMap<CheckType, readonly MatrixCheck[]> {
  const groups = new Map<CheckType, MatrixCheck[]>();
  for (const check of checks) {
    const group = groups.get(check.type);
    if (group === undefined) groups.set(check.type, [check]);
    else group.push(check);
  }
  return groups;
}

function columnOf(
  type: CheckType,
  checks: readonly MatrixCheck[],
  targets: readonly string[],
  now: number,
): MatrixColumn {
  const byTarget = new Map<string, MatrixCheck>();
  for (const check of checks) {
    const other = byTarget.get(check.target);
    byTarget.set(check.target, other === undefined ? check : worseOf(other, check));
  }
  const inOrder = targets.map((target) => byTarget.get(target));
  const extras = inOrder.map((check) => (check === undefined ? null : rounded(extraOf[type]?.(check))));
  return {
    verdicts: inOrder.map((check) => (check === undefined ? '.' : SIGNS[check.verdict])).join(''),
    values: inOrder.map((check) => (check === undefined ? null : rounded(measuredValue(check)))),
    ages: inOrder.map((check) => (check === undefined ? 0 : Math.max(0, Math.round((now - check.at) / 1_000)))),
    notes: inOrder.flatMap((check, position) => {
      const why = check === undefined || check.verdict === 'ok' ? '' : whyOf(check);
      return why === '' ? [] : [[position, why] as const];
    }),
    ...(extras.some((extra) => extra !== null) && { extras }),
  };
}

const SIGNS: Readonly<Record<Verdict, string>> = { ok: '+', failed: '-', inconclusive: '?' };

const BADNESS: Readonly<Record<Verdict, number>> = { ok: 0, inconclusive: 1, failed: 2 };

/** Of two as bad as each other, the slower one. */
function worseOf(a: MatrixCheck, b: MatrixCheck): MatrixCheck {
  const difference = BADNESS[a.verdict] - BADNESS[b.verdict] || (a.latency_ms ?? 0) - (b.latency_ms ?? 0);
  return difference >= 0 ? a : b;
}

function measuredValue(check: MatrixCheck): number | undefined {
  switch (check.type) {
    case 'bandwidth':
      return check.bandwidth_mbps;
    case 'traceroute':
      return check.hop_count ?? check.hops?.length;
    default:
      return check.latency_ms;
  }
}

const extraOf: Readonly<Partial<Record<CheckType, (check: MatrixCheck) => number | undefined>>> = {
  ping: ({ loss }) => loss,
  traceroute: ({ hops, max_hop_ms: slowest }) =>
    slowest ??
    hops?.reduce<number | undefined>(
      (most, { latency_ms: latency }) => (latency === null ? most : Math.max(most ?? 0, latency)),
      undefined,
    ),
};

function whyOf({ failure_source: source, reason }: MatrixCheck): string {
  return [source, reason].filter(Boolean).join(': ');
}

/** To three digits: nobody sees more, and they make two thirds of the text. */
function rounded(value: number | undefined): number | null {
  return value === undefined ? null : Number(value.toPrecision(3));
}
