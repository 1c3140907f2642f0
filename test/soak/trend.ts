/** Something measured, and when. */
export interface Sample {
  readonly at: number;
  readonly value: number;
}

/**
 * By how much a value grows from the first sample to the last: by the median of the slopes between any two of them (Theil 1950, Sen 1968). What
 * happens to be under way makes single samples too high by far, and that would tilt a line of least squares.
 *
 * @returns 0 for fewer than two different times.
 */
export function growth(samples: readonly Sample[]): number {
  const slopes = samples.flatMap((from, index) =>
    samples
      .slice(index + 1)
      .filter((to) => to.at !== from.at)
      .map((to) => (to.value - from.value) / (to.at - from.at)),
  );
  const times = samples.map(({ at }) => at);
  return slopes.length === 0 ? 0 : median(slopes) * (Math.max(...times) - Math.min(...times));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low = 0, high = low] = sorted.slice(Math.floor((sorted.length - 1) / 2));
  return sorted.length % 2 === 1 ? low : (low + high) / 2;
}
