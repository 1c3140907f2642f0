import { randomUUID } from 'node:crypto';
import type { CheckRecord, NetringGroups, OutageRecord } from '../wire/index.js';

/** What a member has seen at a moment, until the registry has acknowledged it. */
export interface PendingReport {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly takenAt: number;
  /** The checks as JSON: they are many, and may be delivered more than once. */
  readonly checks: string;
  /** The groups of a Netring member as JSON, without the braces; empty where the registry has no use for them. */
  readonly groups: string;
  /** How many bytes of UTF-8 both are. */
  readonly bytes: number;
  readonly outages: readonly OutageRecord[];
}

/** How much may wait. */
export interface QueueBounds {
  readonly reports: number;
  /** Bytes of their checks and groups. */
  readonly bytes: number;
}

const DEFAULT_BOUNDS: QueueBounds = { reports: 1_000, bytes: 32 * 2 ** 20 };

/** Reports that were not acknowledged yet. The newest goes first, since it is what is shown; then those that had to wait, in their order. */
export class ReportQueue {
  readonly #bounds: QueueBounds;
  readonly #giveBack: (outages: readonly OutageRecord[]) => void;
  #newest: PendingReport | undefined;
  readonly #waiting = new Set<PendingReport>();
  #bytes = 0;
  #dropped = 0;

  /** @param giveBack is told of the outages that a report told of which had to be dropped. */
  constructor(giveBack: (outages: readonly OutageRecord[]) => void, bounds: QueueBounds = DEFAULT_BOUNDS) {
    this.#bounds = bounds;
    this.#giveBack = giveBack;
  }

  get size(): number {
    return this.#waiting.size + (this.#newest === undefined ? 0 : 1);
  }

  /** How many had to be dropped, because too many waited or the registry would not have them. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Adds what is seen now; a report before it that was not delivered has to wait from now on. */
  add(
    checks: readonly CheckRecord[],
    outages: readonly OutageRecord[],
    takenAt: number,
    groups: NetringGroups = {},
  ): void {
    if (this.#newest !== undefined) this.#waiting.add(this.#newest);
    const texts = { checks: JSON.stringify(checks), groups: JSON.stringify(groups).slice(1, -1) };
    const bytes = Buffer.byteLength(texts.checks) + Buffer.byteLength(texts.groups);
    const report = { id: randomUUID(), takenAt, ...texts, bytes, outages };
    this.#newest = report;
    this.#bytes += report.bytes;
    for (const oldest of this.#waiting) {
      if (this.size <= this.#bounds.reports && this.#bytes <= this.#bounds.bytes) break;
      this.drop(oldest);
    }
  }

  /** What is to be delivered next. */
  next(): PendingReport | undefined {
    if (this.#newest !== undefined) return this.#newest;
    const [oldest] = this.#waiting;
    return oldest;
  }

  /** The body of a request that delivers it. */
  bodyOf(report: PendingReport, instanceId: string): string {
    const head = {
      instance_id: instanceId,
      report_id: report.id,
      taken_at: report.takenAt,
      current: report === this.#newest,
    };
    const outages = report.outages.length > 0 ? `,"outages":${JSON.stringify(report.outages)}` : '';
    const groups = report.groups === '' ? '' : `,${report.groups}`;
    return `${JSON.stringify(head).slice(0, -1)},"metrics":{"checks":${report.checks}${outages}${groups}}}`;
  }

  /** It was acknowledged. */
  done(report: PendingReport): void {
    const isNewest = report === this.#newest;
    if (isNewest) this.#newest = undefined;
    if (this.#waiting.delete(report) || isNewest) this.#bytes -= report.bytes;
  }

  /** It will never be acknowledged. */
  drop(report: PendingReport): void {
    this.done(report);
    this.#dropped += 1;
    this.#giveBack(report.outages);
  }
}
