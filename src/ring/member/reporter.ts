import { WIRE_LIMITS } from '../wire/index.js';
import type { OutageLog } from './outage-log.js';
import type { ReportQueue } from './report-queue.js';
import type { ResultBoard } from './result-board.js';

/** Milliseconds for which changes are collected. */
const SHORTEST_WAIT = 100;
const LONGEST_WAIT = 900;

/** Makes reports: when it is time, and at once when something has changed. */
export class Reporter {
  readonly #board: ResultBoard;
  readonly #outages: OutageLog;
  readonly #queue: ReportQueue;
  readonly #onReport: () => void;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** @param onReport is told that there is something to deliver. */
  constructor(board: ResultBoard, outages: OutageLog, queue: ReportQueue, onReport: () => void) {
    this.#board = board;
    this.#outages = outages;
    this.#queue = queue;
    this.#onReport = onReport;
  }

  /** Something has changed that is worth telling at once. The larger a report is, the more changes one tells of. */
  noteChange(): void {
    if (this.#isClosed || this.#timer !== undefined) return;
    const share = Math.min(1, this.#board.size / WIRE_LIMITS.checks);
    this.#timer = setTimeout(() => this.report(), SHORTEST_WAIT + share * (LONGEST_WAIT - SHORTEST_WAIT));
  }

  report(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#isClosed) return;
    this.#queue.add(this.#board.reportable, this.#outages.take(), Date.now());
    this.#onReport();
  }

  /** Makes no report any more. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }
}
