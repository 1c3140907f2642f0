/** Round-trip times in sum, in milliseconds. */
export interface RttStatistics {
  /** The shortest. */
  readonly min: number;
  /** The arithmetic mean. */
  readonly avg: number;
  /** The longest. */
  readonly max: number;
  /** The standard deviation as ping(8) prints it: of all the times there are, √(Σt²/n − (Σt/n)²) (iputils, ping_common.c, `finish`). */
  readonly mdev: number;
  /** The shortest time that half of the replies did not exceed. Percentiles are by nearest rank: each was measured, none is interpolated. */
  readonly p50: number;
  /** The shortest time that 90 % of the replies did not exceed. */
  readonly p90: number;
  /** The shortest time that 95 % of the replies did not exceed. */
  readonly p95: number;
  /** The shortest time that 99 % of the replies did not exceed. */
  readonly p99: number;
}

/** @returns undefined where there is nothing to sum up. */
export function rttStatistics(samples: readonly number[]): RttStatistics | undefined {
  const sorted = Float64Array.from(samples).sort();
  const [min] = sorted;
  const max = sorted.at(-1);
  if (min === undefined || max === undefined) return undefined;
  const avg = sum(sorted) / sorted.length;
  return {
    min,
    avg,
    max,
    mdev: Math.sqrt(sum(sorted.map((time) => (time - avg) ** 2)) / sorted.length),
    p50: percentile(sorted, 50),
    p90: percentile(sorted, 90),
    p95: percentile(sorted, 95),
    p99: percentile(sorted, 99),
  };
}

/** The nearest rank: the ⌈p/100 · n⌉th of the sorted values. */
function percentile(sorted: Float64Array, percent: number): number {
  return sorted[Math.ceil((percent * sorted.length) / 100) - 1] ?? Number.NaN;
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}

/** The interarrival jitter of RFC 3550 section 6.4.1: J ← J + (|D| − J)/16, where D is the difference of two successive transit times. */
export class InterarrivalJitter {
  #last: number | undefined;
  #jitter: number | undefined;

  /** Undefined before the second packet. */
  get value(): number | undefined {
    return this.#jitter;
  }

  /** Packets are added in the order of their arrival. Of a round trip, the whole is the transit time: one clock measures both its ends. */
  add(transitTime: number): void {
    if (this.#last !== undefined) {
      const jitter = this.#jitter ?? 0;
      this.#jitter = jitter + (Math.abs(transitTime - this.#last) - jitter) / 16;
    }
    this.#last = transitTime;
  }
}
