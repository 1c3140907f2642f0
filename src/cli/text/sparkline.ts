import type { Signs } from './appearance.js';

/** A value, or the name of a sign that stands for none. */
export type SparkValue = number | 'bad' | 'doubtful';

/** Values as a row of bars between the smallest and the largest of them. */
export function sparkline(values: readonly SparkValue[], signs: Signs): string {
  const known = values.filter((value) => typeof value === 'number');
  const min = Math.min(...known);
  const range = Math.max(...known) - min;
  return values
    .map((value) => {
      if (typeof value !== 'number') return signs[value];
      const height = range === 0 ? 0 : Math.round(((value - min) / range) * (signs.bars.length - 1));
      return signs.bars[height] ?? '';
    })
    .join('');
}
