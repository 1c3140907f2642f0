import type { ProbeResult } from '../result.js';
import { numberAt } from './facts.js';

/** The labels of one series. */
export type ProbeLabels = Readonly<Record<string, string>>;

/** A metric as it is described to Prometheus and OpenTelemetry. */
export interface ProbeMetric {
  /** In OpenTelemetry's spelling, without the prefix: `'probe.duration'`. */
  readonly name: string;
  readonly kind: 'gauge' | 'counter' | 'histogram';
  /** As UCUM writes it. */
  readonly unit?: 's' | '1' | 'By' | 'By/s' | 'm';
  /** The labels that its series have beside those of the target. */
  readonly labels?: readonly string[];
  readonly help: string;
}

/** A metric whose value is that of the last result. */
export interface ProbeReading extends ProbeMetric {
  readonly kind: 'gauge' | 'counter';
  /**
   * Whether an inconclusive result says it too: what is of this host, of the results before, or of a map, and not of how the target answered now.
   * Anything else such a result does not say, whatever is among its facts.
   */
  readonly holds?: true;
  /** @returns nothing where the result does not say; what matters most first, as there may be only so many. */
  read(result: ProbeResult): readonly ProbeSample[];
}

/** A metric that counts over all results of a target. */
export interface ProbeTally extends ProbeMetric {
  readonly kind: 'counter';
  /** Whether a result is of the kind that is counted: from its first one on a target has the series. */
  concerns(result: ProbeResult): boolean;
  /** Begins to count for a target. Its samples have all labels, those of the target too. */
  begin(target: ProbeLabels): Tally;
}

/** The count of one target. */
export interface Tally {
  note(result: ProbeResult): void;
  samples(): Iterable<ProbeSample>;
}

/** The value of one series. */
export interface ProbeSample {
  readonly labels: ProbeLabels;
  readonly value: number;
}

/** Metrics that a result has only where one of these is among its facts. */
export interface ReadingGroup {
  readonly facts: readonly string[];
  readonly readings: readonly ProbeReading[];
}

/** Of a metric that has no labels of its own. */
export const NO_LABELS: ProbeLabels = {};

/** The one series of a metric that has no labels of its own. */
export function only(value: number | undefined): readonly ProbeSample[] {
  return value === undefined ? [] : [{ labels: NO_LABELS, value }];
}

/** A gauge of one fact, by its path. */
export function factGauge(
  description: Omit<ProbeReading, 'kind' | 'labels' | 'read'>,
  path: readonly string[],
  divisor = 1,
): ProbeReading {
  return {
    ...description,
    kind: 'gauge',
    read: ({ facts }) => {
      const value = numberAt(facts, ...path);
      return only(value === undefined ? undefined : value / divisor);
    },
  };
}
