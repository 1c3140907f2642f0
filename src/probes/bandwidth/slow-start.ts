/**
 * How many intervals at the beginning of a test are slow start (RFC 5681 section 3.1), by what it does: it is over with the first interval that
 * reaches 90 % of the median of the later half. At most the earlier half is left out, and nothing of fewer than ten intervals.
 *
 * @param bytes what came in each interval, all of one length.
 */
export function slowStartOf(bytes: readonly number[]): number {
  if (bytes.length < FEWEST_INTERVALS) return 0;
  const half = Math.floor(bytes.length / 2);
  const steady = median(bytes.slice(half));
  const reached = bytes.findIndex((each) => each >= steady * STEADY);
  return reached === -1 ? half : Math.min(reached, half);
}

const STEADY = 0.9;

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** From fewer nothing can be told. */
export const FEWEST_INTERVALS = 10;
