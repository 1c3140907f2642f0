import { type CheckRecord, type NetringGroups, WIRE_LIMITS } from '../wire/index.js';
import type { OutageLog } from './outage-log.js';
import type { ReportQueue } from './report-queue.js';
import type { ResultBoard } from './result-board.js';

/** Milliseconds for which changes are collected. */
const SHORTEST_WAIT = 100;
const LONGEST_WAIT = 900;

/** What reports are made of, and where they go. */
export interface ReporterParts {
  readonly board: ResultBoard;
  readonly outages: OutageLog;
  readonly queue: ReportQueue;
  /** How many bytes of checks a report may have now. */
  readonly room: () => number;
  /** What a registry of Netring is told of checks; undefined for one of ours. */
  readonly groups: (checks: readonly CheckRecord[]) => NetringGroups | undefined;
  /** Is told that there is something to deliver. */
  readonly onReport: () => void;
}

/** Makes reports: when it is time, and at once when something has changed. */
export class Reporter {
  readonly #parts: ReporterParts;
  #timer: NodeJS.Timeout | undefined;
  #takenAt = 0;
  #isClosed = false;

  constructor(parts: ReporterParts) {
    this.#parts = parts;
  }

  /** Something has changed that is worth telling at once. The larger a report is, the more changes one tells of. */
  noteChange(): void {
    if (this.#isClosed || this.#timer !== undefined) return;
    const share = Math.min(1, this.#parts.board.size / WIRE_LIMITS.checks);
    this.#timer = setTimeout(() => this.report(), SHORTEST_WAIT + share * (LONGEST_WAIT - SHORTEST_WAIT));
  }

  report(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#isClosed) return;
    const { board, outages, queue, room, groups, onReport } = this.#parts;
    const checks = board.reportable(room());
    // A clock that was set back would have it look older than the report before, and the registry pass it over.
    this.#takenAt = Math.max(Date.now(), this.#takenAt + 1);
    queue.add(checks, outages.take(), this.#takenAt, groups(checks));
    onReport();
  }

  /** Makes no report any more. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }
}
