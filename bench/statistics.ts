/** What a list of measurements looks like. */
export interface Summary {
  readonly min: number;
  readonly p25: number;
  readonly median: number;
  readonly p75: number;
  readonly p99: number;
  readonly max: number;
}

/** Null for a list of nothing. */
export function summarize(measurements: readonly number[]): Summary | null {
  if (measurements.length === 0) return null;
  const sorted = [...measurements].sort(byValue);
  const at = (wanted: number) => rank(sorted, wanted);
  return { min: at(0), p25: at(25), median: at(50), p75: at(75), p99: at(99), max: at(100) };
}

/**
 * The value at or below which this many percent of the measurements lie, by linear interpolation between the two nearest (definition 7 of
 * Hyndman & Fan, "Sample Quantiles in Statistical Packages", 1996; the default of R and NumPy).
 *
 * @throws {RangeError} for a list of nothing.
 */
export function percentile(measurements: readonly number[], wanted: number): number {
  return rank([...measurements].sort(byValue), wanted);
}

export function median(measurements: readonly number[]): number {
  return percentile(measurements, 50);
}

function rank(sorted: readonly number[], wanted: number): number {
  const position = ((sorted.length - 1) * wanted) / 100;
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  if (below === undefined || above === undefined) throw new RangeError('there is no percentile of nothing');
  return below + (above - below) * (position - Math.floor(position));
}

function byValue(a: number, b: number): number {
  return a - b;
}
