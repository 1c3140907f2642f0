import { checkOptions, type OptionRules, objectWith } from '../options/index.js';
import { loadPackage } from './load-package.js';
import { hasMethods, MEASURE_RULES, type MeasureOptions, measure } from './measure.js';
import type { Instruments, Labels, Metric, Sample } from './metric.js';

/** A meter of OpenTelemetry, as far as it is needed. */
export interface OpenTelemetryMeter {
  createObservableCounter(name: string, options: OpenTelemetryMetricOptions): OpenTelemetryObservable;
  createObservableGauge(name: string, options: OpenTelemetryMetricOptions): OpenTelemetryObservable;
  createHistogram(
    name: string,
    options: OpenTelemetryMetricOptions,
  ): { record(value: number, attributes: Labels): void };
}

export interface OpenTelemetryMetricOptions {
  readonly description: string;
  readonly unit?: string;
  readonly advice?: { explicitBucketBoundaries: number[] };
}

export interface OpenTelemetryObservable {
  addCallback(callback: OpenTelemetryCallback): void;
  removeCallback(callback: OpenTelemetryCallback): void;
}

export type OpenTelemetryCallback = (result: { observe(value: number, attributes: Labels): void }) => void;

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
