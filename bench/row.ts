import { percentile, type Summary, summarize } from './statistics.js';

/** One figure of netpause beside one of something else from the same run. The results are lists of these, as JSON. */
export interface Row {
  /** What was measured, the same for all references of one figure: `'carrier lost, median'`. */
  readonly name: string;
  readonly unit: string;
  /** Null where netpause gave no figure, such as an event that it never saw. */
  readonly ours: number | null;
  readonly reference: number | null;
  readonly referenceName: string;
  /** `ours / reference`, null where one of them is missing or the reference is 0. */
  readonly ratio: number | null;
  /** What is to be reached, as a phrase: `'ratio ≤ 2'`. Null where the row is for comparison only. */
  readonly target: string | null;
  readonly met: boolean | null;
  /** How many measurements stand behind `ours`. */
  readonly trials: number;
  readonly spread: Spread;
}

/** All measurements of both sides, summarized: of one alone, all fields are that one. Null where there was none. */
export interface Spread {
  readonly ours: Summary | null;
  readonly reference: Summary | null;
}

/** What a row is made from. */
export interface Comparison {
  readonly name: string;
  readonly unit: string;
  /** Measurements in that unit, in any order; those that gave none are left out. */
  readonly ours: readonly number[];
  readonly reference: readonly number[];
  readonly referenceName: string;
  /** What of the measurements is the figure: a percentile, by default the median (50). */
  readonly percentile?: number;
  readonly target?: Target;
}

/** A bound for the figure itself (in the row's unit), for its ratio to the reference, or for its distance from it (in the row's unit). */
export type Target =
  | { readonly of: 'ours' | 'ratio' | 'difference'; readonly atMost: number }
  | { readonly of: 'ours' | 'ratio' | 'difference'; readonly atLeast: number };

/** Puts a figure of ours beside the same figure of something else. */
export function compare(comparison: Comparison): Row {
  const { name, unit, referenceName, target, percentile: wanted = 50 } = comparison;
  const ours = figure(comparison.ours, wanted);
  const reference = figure(comparison.reference, wanted);
  const ratio = ours === null || reference === null || reference === 0 ? null : ours / reference;
  return {
    name,
    unit,
    ours,
    reference,
    referenceName,
    ratio,
    target: target === undefined ? null : phrase(target, unit),
    met: target === undefined ? null : isMet(target, { ours, reference, ratio }),
    trials: comparison.ours.length,
    spread: { ours: summarize(comparison.ours), reference: summarize(comparison.reference) },
  };
}

function figure(measurements: readonly number[], wanted: number): number | null {
  return measurements.length === 0 ? null : percentile(measurements, wanted);
}

function phrase(target: Target, unit: string): string {
  const bound = 'atMost' in target ? `≤ ${target.atMost}` : `≥ ${target.atLeast}`;
  if (target.of === 'ratio') return `ratio ${bound}`;
  return target.of === 'ours' ? `${bound} ${unit}` : `${bound.replace(/ /, ' reference + ')} ${unit}`;
}

/** What has no figure has not reached its target. */
function isMet(target: Target, { ours, reference, ratio }: Pick<Row, 'ours' | 'reference' | 'ratio'>): boolean {
  const value = { ours, ratio, difference: ours === null || reference === null ? null : ours - reference }[target.of];
  if (value === null) return false;
  return 'atMost' in target ? value <= target.atMost : value >= target.atLeast;
}
