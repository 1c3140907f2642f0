import { type OutageRecord, WIRE_LIMITS } from '../wire/index.js';

/** Outages that are remembered until a report has told of them. */
const MOST_OUTAGES = 1_000;

/** The outages of this member's own. Times are milliseconds since the epoch. */
export class OutageLog {
  /** Those that are over and in no report yet, oldest first. */
  #ended: OutageRecord[] = [];
  #current: OutageRecord | undefined;
  #count = 0;
  #duration = 0;

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

  begin(reason: string, at: number): void {
    if (this.#current !== undefined) return;
    this.#count += 1;
    this.#current = { from: at, reason };
  }

  end(at: number): void {
    const current = this.#current;
    if (current === undefined) return;
    this.#current = undefined;
    const until = Math.max(at, current.from);
    this.#duration += until - current.from;
    this.#keep([{ ...current, until }]);
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
