import { InvalidOptionError } from '../../errors/index.js';
import type { OptionRule } from '../../options/index.js';
import type { ProbeLabels } from './probe-series.js';

/** Labels that a user may have of their own: each multiplies the series. */
const MOST_LABELS = 16;

/** Those of netpause, and those that histograms and summaries have. */
const RESERVED: ReadonlySet<string> = new Set([
  'probe',
  'target',
  'status',
  'failure_source',
  'phase',
  'le',
  'quantile',
]);

export const labelNamesRule: OptionRule = {
  allowed: `an array of at most ${MOST_LABELS} different label names: letters, digits and underscores, no digit first, no two underscores first, and none of ${[...RESERVED].join(', ')}`,
  accepts: (value) =>
    Array.isArray(value) &&
    value.length <= MOST_LABELS &&
    new Set(value).size === value.length &&
    value.every(isLabelName),
};

/** "Data model" in the documentation of Prometheus. */
function isLabelName(value: unknown): boolean {
  return typeof value === 'string' && /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/.test(value) && !RESERVED.has(value);
}

/**
 * The labels of a result: all that were announced, the empty string where there is none, as Prometheus takes it for.
 *
 * @throws {InvalidOptionError} where there is one that was not announced.
 */
export function checkedLabels(owner: string, names: readonly string[], labels: ProbeLabels): ProbeLabels {
  const unknown = Object.entries(labels).find(([name, value]) => !names.includes(name) || typeof value !== 'string');
  if (unknown !== undefined) {
    throw new InvalidOptionError(
      `${owner}: labels`,
      labels,
      `strings by the names that were announced (${names.join(', ') || 'none'})`,
    );
  }
  return Object.fromEntries(names.map((name) => [name, Object.hasOwn(labels, name) ? (labels[name] ?? '') : '']));
}
