import { uptime } from 'node:os';
import { type OutageRecord, outageRecordSchema, WIRE_LIMITS } from '../wire/index.js';

/** Outages that are remembered until a report has told of them. */
const MOST_OUTAGES = 1_000;
const FIELDS = outageRecordSchema.shape;

/** The outages of this member's own. Times are milliseconds since the epoch; how long one lasted does not depend on who sets that clock meanwhile. */
export class OutageLog {
  readonly #sinceBoot: () => number;
  /** Those that are over and in no report yet, oldest first. */
  #ended: OutageRecord[] = [];
  #current: OutageRecord | undefined;
  #begunAt = 0;
  #count = 0;
  #duration = 0;

  /** @param sinceBoot milliseconds of a clock that nobody sets and that goes on while the machine sleeps. */
  constructor(sinceBoot: () => number = () => uptime() * 1_000) {
    this.#sinceBoot = sinceBoot;
  }

  /** The one that goes on. */
  get current(): OutageRecord | undefined {
    return this.#current;
  }

  /** How many have begun. */
  get count(): number {
    return this.#count;
  }

  /** Milliseconds of those that are over, together. */
  get duration(): number {
    return this.#duration;
  }

  /** What no registry would take is left out: the report that tells of it would never be acknowledged, nor any other after it. */
  begin(reason: string, at: number): void {
    if (this.#current !== undefined) return;
    this.#count += 1;
    this.#begunAt = this.#sinceBoot();
    this.#current = {
      from: FIELDS.from.safeParse(at).success ? at : Date.now(),
      reason: FIELDS.reason.safeParse(reason).success ? reason : 'unknown',
    };
  }

  end(): void {
    const current = this.#current;
    if (current === undefined) return;
    this.#current = undefined;
    const duration = Math.max(0, Math.round(this.#sinceBoot() - this.#begunAt));
    this.#duration += duration;
    this.#keep([{ ...current, until: current.from + duration }]);
  }

  /** Those that a report is to tell of: the ones that are over are its affair from now on, the one that goes on comes again. */
  take(): readonly OutageRecord[] {
    const room = WIRE_LIMITS.outages - (this.#current === undefined ? 0 : 1);
    const taken = this.#ended.splice(0, room);
    return this.#current === undefined ? taken : [...taken, this.#current];
  }

  /** The report that had them will never be delivered: another has to tell of them. */
  giveBack(outages: readonly OutageRecord[]): void {
    this.#keep(outages.filter(({ until }) => until !== undefined));
  }

  /** The oldest go first where there are too many. */
  #keep(outages: readonly OutageRecord[]): void {
    this.#ended = [...this.#ended, ...outages].sort((a, b) => a.from - b.from).slice(-MOST_OUTAGES);
  }
}
