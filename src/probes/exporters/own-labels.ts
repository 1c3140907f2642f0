import { InvalidOptionError } from '../../errors/index.js';
import type { OptionRule } from '../../options/index.js';
import type { ProbeLabels } from './metric.js';
import { PROBE_METRICS } from './probe-metrics.js';

/** The labels that results are shown with. */
export interface ProbeLabelOptions {
  /**
   * The names of labels of your own, at most 16, beside `probe` and `target`. None may be one that a metric has itself; `probeLabelNames` tells which
   * names can be used.
   *
   * @default none
   */
  readonly labels?: readonly string[] | undefined;
}

/**
 * Of these names, in their order, those that can be the names of your own labels in `createProbeMetrics` and `createProbeRecorder`: 16 different ones
 * at most. For names that others have chosen, as in a file of tasks.
 *
 * @example
 * const labels = probeLabelNames(schedule.tasks.flatMap((task) => Object.keys(task.labels)));
 * const metrics = await createProbeMetrics({ labels });
 */
export function probeLabelNames(names: Iterable<string>): readonly string[] {
  return [...new Set(names)].filter(isLabelName).slice(0, MOST_LABELS);
}

/** Each multiplies the series. */
const MOST_LABELS = 16;

/** Those of netpause, and those that histograms and summaries have. */
const RESERVED: ReadonlySet<string> = new Set([
  'probe',
  'target',
  ...PROBE_METRICS.flatMap(({ labels = [] }) => labels),
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
