import type { JsonObject, StoredRecord } from '../../store/index.js';
import { type ReportedMetrics, type ReportRequest, reportedMetricsSchema } from '../wire/index.js';

/** What is known of a record that holds a report, so that it need not be read for it: a large one is unpacked each time. */
interface Facts {
  readonly isReport: boolean;
  readonly takenAt: number | undefined;
  /** Of how many checks it tells. */
  readonly checks: number;
}

const FACTS = new WeakMap<StoredRecord, Facts>();

/** Says of a record that it holds a report that was checked when it came in. */
export function vouchFor(record: StoredRecord, { metrics, taken_at: takenAt }: ReportRequest): void {
  FACTS.set(record, { isReport: true, takenAt, checks: metrics.checks?.length ?? 0 });
}

/** When the values were taken, by the member's clock; undefined where it did not tell. */
export function takenAtOf(record: StoredRecord): number | undefined {
  return factsOf(record).takenAt;
}

/** Of how many checks it tells. */
export function checkCountOf(record: StoredRecord): number {
  return factsOf(record).checks;
}

/** Whether it holds a report: other processes write to a shared store too. */
export function holdsReport(record: StoredRecord): boolean {
  return factsOf(record).isReport;
}

/** The report in it; nothing where it holds none. */
export function metricsIn(record: StoredRecord): ReportedMetrics {
  const { metrics } = record.value;
  return isObject(metrics) && isReported(metrics, record) ? metrics : {};
}

function factsOf(record: StoredRecord): Facts {
  const known = FACTS.get(record);
  if (known !== undefined) return known;
  const facts = readFacts(record.value);
  FACTS.set(record, facts);
  return facts;
}

function readFacts({ metrics, taken_at: takenAt }: JsonObject): Facts {
  const { success, data } = reportedMetricsSchema.safeParse(metrics);
  return {
    isReport: success,
    takenAt: typeof takenAt === 'number' ? takenAt : undefined,
    checks: data?.checks?.length ?? 0,
  };
}

/** That of the record was checked, and what is stored never changes. */
function isReported(_metrics: object, record: StoredRecord): _metrics is ReportedMetrics {
  return holdsReport(record);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
