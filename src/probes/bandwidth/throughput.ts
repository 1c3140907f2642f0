import type { ByteCurve } from './byte-curve.js';
import { FEWEST_INTERVALS, slowStartOf } from './slow-start.js';

/** Milliseconds. */
export const INTERVAL = 100;

/** How fast the streams of one direction were, together. */
export interface Throughput {
  /**
   * Bits of TCP payload a second, without slow start. What the link carries is more by the headers: of IPv4 over Ethernet, 4.6 % with
   * segments of full size and timestamps (66 bytes around each 1,448).
   */
  readonly bitsPerSecond: number;
  /** The same with slow start. */
  readonly bitsPerSecondOverall: number;
  /** Bytes of payload that have arrived, over all of the time. */
  readonly bytes: number;
  /** From the moment when the first stream was connected. */
  readonly seconds: number;
  /**
   * How many seconds at the beginning are left out of `bitsPerSecond`: those before the first interval that reached 90 % of the median of the
   * later half, at most the earlier half. 0 where the test took less than a second: then both figures are one.
   */
  readonly slowStartExcluded: number;
  /** Bits a second in each whole interval of 100 ms, slow start included. */
  readonly intervals: readonly number[];
}

/** @param begun when the test began, on the clock of the curves. */
export function throughputOf(curves: readonly ByteCurve[], begun: number): Throughput {
  const bytes = curves.reduce((sum, curve) => sum + curve.total, 0);
  const end = Math.max(...curves.map((curve) => curve.end), begun);
  const overall = rate(bytes, end - begun);
  // Streams are heard of one after another: only until then is everything known.
  const known = Math.max(Math.min(...curves.map((curve) => curve.end)), begun);
  const count = Math.floor((known - begun) / INTERVAL);
  const marks = Array.from({ length: count + 1 }, (_, index) => begun + index * INTERVAL);
  const totals = sumOf(curves.map((curve) => curve.totalsAt([...marks, known])));
  const perInterval = marks.slice(1).map((_, index) => (totals[index + 1] ?? 0) - (totals[index] ?? 0));
  const excluded = slowStartOf(perInterval);
  const steady = rate((totals.at(-1) ?? 0) - (totals[excluded] ?? 0), known - begun - excluded * INTERVAL);
  return {
    bitsPerSecond: count < FEWEST_INTERVALS ? overall : steady,
    bitsPerSecondOverall: overall,
    bytes,
    seconds: (end - begun) / 1_000,
    slowStartExcluded: (excluded * INTERVAL) / 1_000,
    intervals: perInterval.map((each) => rate(each, INTERVAL)),
  };
}

function sumOf(series: readonly (readonly number[])[]): readonly number[] {
  const [first = []] = series;
  return first.map((_, index) => series.reduce((sum, each) => sum + (each[index] ?? 0), 0));
}

/** @param duration in milliseconds. */
function rate(bytes: number, duration: number): number {
  return duration > 0 ? Math.round((bytes * 8 * 1_000) / duration) : 0;
}
