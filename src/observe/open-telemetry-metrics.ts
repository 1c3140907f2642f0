import { loadPackage } from '../errors/index.js';
import { checkOptions, type OptionRules, objectWith } from '../options/index.js';
import { hasMethods, MEASURE_RULES, type MeasureOptions, measure } from './measure.js';
import type { Instruments, Labels, Metric, Sample } from './metric.js';

/**
 * A meter of OpenTelemetry, as far as it is needed: this and the types below mirror the parts of @opentelemetry/api that are used, so that
 * netpause's own types need no such package.
 */
export interface OpenTelemetryMeter {
  /** Makes a counter that is read whenever the metrics are exported. */
  createObservableCounter(name: string, options: OpenTelemetryMetricOptions): OpenTelemetryObservable;
  /** Makes a gauge that is read whenever the metrics are exported. */
  createObservableGauge(name: string, options: OpenTelemetryMetricOptions): OpenTelemetryObservable;
  /** Makes a histogram. */
  createHistogram(
    name: string,
    options: OpenTelemetryMetricOptions,
  ): {
    /** Records one value. */
    record(value: number, attributes: Labels): void;
  };
}

/** What a metric is made with: `MetricOptions` of @opentelemetry/api. */
export interface OpenTelemetryMetricOptions {
  /** What is measured. */
  readonly description: string;
  /** The unit, where there is one, as UCUM writes it: `'s'`. */
  readonly unit?: string;
  /** Hints that the SDK may follow. */
  readonly advice?: {
    /** Upper bounds of a histogram's buckets. */
    explicitBucketBoundaries: number[];
  };
}

/** A metric that is read whenever the metrics are exported: `Observable` of @opentelemetry/api. */
export interface OpenTelemetryObservable {
  /** Has the callback called at every reading. */
  addCallback(callback: OpenTelemetryCallback): void;
  /** Ends that. */
  removeCallback(callback: OpenTelemetryCallback): void;
}

/** Reports the value of each series at the moment of a reading: `ObservableCallback` of @opentelemetry/api. */
export type OpenTelemetryCallback = (result: { observe(value: number, attributes: Labels): void }) => void;

/** What is measured, and where it is reported. */
export interface OpenTelemetryMetricsOptions extends MeasureOptions {
  /**
   * Where the metrics are made.
   *
   * @default the meter `netpause` of the meter provider that is registered with @opentelemetry/api when this is called
   */
  readonly meter?: OpenTelemetryMeter | undefined;
}

/**
 * Reports the metrics of a monitor and of calls to OpenTelemetry. They are those of {@link collectPrometheus}, with names in OpenTelemetry's
 * spelling: `netpause.outage.duration` becomes `netpause_outage_duration_seconds` where Prometheus gets it by OTLP.
 *
 * @returns a function that stops reporting and measuring. Histograms keep what they have recorded: OpenTelemetry has no way to take it back.
 * @throws {InvalidOptionError} where an option has a wrong name, type or range.
 * @throws {MissingPackageError} where no meter is given and @opentelemetry/api is not installed.
 *
 * @example
 * const detach = await collectOpenTelemetry({ monitor });
 */
export async function collectOpenTelemetry(options: OpenTelemetryMetricsOptions = {}): Promise<() => void> {
  checkOptions('collectOpenTelemetry', options, RULES);
  const instruments = new OpenTelemetryInstruments(options.meter ?? (await defaultMeter()));
  const stop = measure(options, instruments);
  return () => {
    stop();
    instruments.detach();
  };
}

const RULES: OptionRules<OpenTelemetryMetricsOptions> = {
  ...MEASURE_RULES,
  meter: objectWith('a meter of OpenTelemetry', (value) =>
    hasMethods(value, ['createObservableCounter', 'createObservableGauge', 'createHistogram']),
  ),
};

async function defaultMeter(): Promise<OpenTelemetryMeter> {
  const { metrics } = await loadPackage(
    '@opentelemetry/api',
    'collectOpenTelemetry',
    () => import('@opentelemetry/api'),
  );
  return metrics.getMeter('netpause');
}

class OpenTelemetryInstruments implements Instruments {
  readonly #meter: OpenTelemetryMeter;
  readonly #detachments: (() => void)[] = [];

  constructor(meter: OpenTelemetryMeter) {
    this.#meter = meter;
  }

  observe(metric: Metric, read: () => Iterable<Sample>): void {
    const name = nameOf(metric);
    const observable =
      metric.kind === 'counter'
        ? this.#meter.createObservableCounter(name, describe(metric))
        : this.#meter.createObservableGauge(name, describe(metric));
    const callback: OpenTelemetryCallback = (result) => {
      for (const { labels, value } of read()) result.observe(value, labels);
    };
    observable.addCallback(callback);
    this.#detachments.push(() => observable.removeCallback(callback));
  }

  histogram(metric: Metric): (labels: Labels, value: number) => void {
    const advice = { explicitBucketBoundaries: [...(metric.buckets ?? [])] };
    const histogram = this.#meter.createHistogram(nameOf(metric), { ...describe(metric), advice });
    return (labels, value) => histogram.record(value, labels);
  }

  detach(): void {
    for (const detach of this.#detachments.splice(0)) detach();
  }
}

function nameOf({ name }: Metric): string {
  return `netpause.${name}`;
}

function describe({ help, unit }: Metric): OpenTelemetryMetricOptions {
  return { description: help, ...(unit !== undefined && { unit }) };
}
