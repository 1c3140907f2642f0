import { netringGroups, type ReportedMetrics } from '../wire/index.js';
import type { MemberReport } from './ring-book.js';

/** Checks of all reports together, up to which they are also told as groups: it makes the answer three times as long. A mesh of 70 has so many. */
const MOST_TOLD_TWICE = 30_000;

/** What members report, with their ids, one after another; checks also in the groups of Netring, as tools for that read nothing else. */
export function* reportedMetrics(
  reports: readonly MemberReport[],
): Generator<readonly [id: string, metrics: ReportedMetrics]> {
  const count = reports.reduce((sum, { checkCount }) => sum + checkCount, 0);
  const members = reports.length - 1;
  const told = ({ id, location, metrics }: MemberReport): ReportedMetrics =>
    metrics.checks === undefined || count > MOST_TOLD_TWICE
      ? metrics
      : { ...netringGroups(metrics.checks, { id, location, members }), ...metrics };
  for (const report of reports) yield [report.id, told(report)];
}
