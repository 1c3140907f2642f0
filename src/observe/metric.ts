/** A metric as it is described to Prometheus and OpenTelemetry. */
export interface Metric {
  /** In OpenTelemetry's spelling, without the prefix: `'outage.duration'`. */
  readonly name: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  /** Seconds, where it measures time. */
  readonly unit?: 's';
  /** The labels (attributes in OpenTelemetry) that every series has. */
  readonly labels: readonly string[];
  readonly help: string;
  /** Upper bounds of a histogram's buckets, in its unit. */
  readonly buckets?: readonly number[];
}

/** The labels of one series: never from an open set, unless the user has asked for it and said how many. */
export type Labels = Readonly<Record<string, string>>;

/** The value of one series at the moment of reading. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/** Where measurements go: a registry of Prometheus, a meter of OpenTelemetry. */
export interface Instruments {
  /** A counter or gauge, read anew whenever the metrics are read; a series that is not in the reading is not there. */
  observe(metric: Metric, read: () => Iterable<Sample>): void;
  /** A histogram; the returned function records a value. */
  histogram(metric: Metric): (labels: Labels, value: number) => void;
}

/**
 * The name in Prometheus, made as the OpenTelemetry specification has it made ("Prometheus and OpenMetrics Compatibility", metric metadata), and
 * as Prometheus does for what it gets by OTLP: so that one dashboard fits both ways.
 */
export function prometheusName(prefix: string, { name, unit, kind }: Metric): string {
  const withUnit = `${prefix}${name.replaceAll('.', '_')}${unit === 's' ? '_seconds' : ''}`;
  return kind === 'counter' ? `${withUnit}_total` : withUnit;
}
