/** How many bytes a stream had carried by when. Times are in milliseconds, on one clock for all streams of a test. */
export class ByteCurve {
  readonly #times: number[];
  readonly #totals = [0];

  /** @param begun when there were none yet. */
  constructor(begun: number) {
    this.#times = [begun];
  }

  /** The last time that was recorded. */
  get end(): number {
    return this.#times.at(-1) ?? 0;
  }

  /** The bytes at that time. */
  get total(): number {
    return this.#totals.at(-1) ?? 0;
  }

  /** Neither time nor total may be less than before. */
  record(time: number, total: number): void {
    const last = this.#times.length - 1;
    // A fast stream has thousands of events a second: of those within a few milliseconds only the last is kept.
    const isClose = last >= 1 && time - (this.#times[last - 1] ?? 0) < RESOLUTION;
    const index = isClose ? last : last + 1;
    this.#times[index] = time;
    this.#totals[index] = total;
  }

  /** The bytes at each of some times, which are in ascending order; between two records in proportion. */
  totalsAt(times: readonly number[]): readonly number[] {
    let index = 1;
    return times.map((time) => {
      while (index < this.#times.length && (this.#times[index] ?? 0) < time) index += 1;
      return this.#between(index - 1, time);
    });
  }

  #between(index: number, time: number): number {
    const [from = 0, to] = this.#times.slice(index, index + 2);
    const [before = 0, after] = this.#totals.slice(index, index + 2);
    if (to === undefined || after === undefined || to <= from) return after ?? before;
    const share = Math.min(Math.max((time - from) / (to - from), 0), 1);
    return before + (after - before) * share;
  }
}

/** Milliseconds. */
const RESOLUTION = 10;
