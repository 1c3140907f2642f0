import { setImmediate as nextTurn } from 'node:timers/promises';
import { InvalidOptionError, loadPackage } from '../../errors/index.js';
import { checkOptions, type OptionRules, objectWith } from '../../options/index.js';
import type { ProbeResult } from '../result.js';
import { sampleSeconds } from './facts.js';
import type { ProbeLabels, ProbeMetric, ProbeSample } from './metric.js';
import { checkedLabels, labelNamesRule, type ProbeLabelOptions } from './own-labels.js';
import type { ProbeExporter } from './probe-exporter.js';
import { PROBE_METRICS, PROBE_RTT, RTT_BUCKETS } from './probe-metrics.js';
import { type ProbeSelector, ProbeSeries } from './probe-series.js';

/**
 * A registry of prom-client, as far as it is needed: this and the types below mirror the parts of prom-client that are used, so that netpause's
 * own types need no such package.
 */
export interface ProbeMetricsRegister {
  /** Takes a metric in. */
  registerMetric(metric: object): void;
  /** The metric of that name; `undefined` where there is none. */
  getSingleMetric(name: string): unknown;
  /** Takes a metric out. */
  removeSingleMetric(name: string): void;
}

/** The module prom-client, as far as it is needed. */
export interface ProbeMetricsClient {
  /** The class of counters. */
  readonly Counter: {
    /** Makes a counter. */
    new (
      configuration: ProbeMetricConfiguration,
    ): {
      /** Forgets all values. */
      reset(): void;
      /** Adds to a series. */
      inc(labels: ProbeLabels, value: number): void;
    };
  };
  /** The class of gauges. */
  readonly Gauge: {
    /** Makes a gauge. */
    new (
      configuration: ProbeMetricConfiguration,
    ): {
      /** Forgets all values. */
      reset(): void;
      /** Sets a series. */
      set(labels: ProbeLabels, value: number): void;
    };
  };
  /** The class of histograms. Buckets are told of by their upper bounds. */
  readonly Histogram: {
    /** Makes a histogram. */
    new (
      configuration: ProbeMetricConfiguration & { buckets: number[] },
    ): {
      /** Records one value. */
      observe(labels: ProbeLabels, value: number): void;
      /** Forgets a series. */
      remove(labels: ProbeLabels): void;
    };
  };
  /** The global registry. */
  readonly register: ProbeMetricsRegister;
}

/** What prom-client makes a metric of. */
export interface ProbeMetricConfiguration {
  /** Its name, prefix included. */
  readonly name: string;
  /** What is measured. */
  readonly help: string;
  /** The labels that its series have. */
  readonly labelNames: readonly string[];
  /** None at first: all metrics are registered together, or none is. */
  readonly registers: [];
  /** Called and waited for before each reading, to bring the values up to date. */
  readonly collect?: () => Promise<void>;
}

/** Where results are shown, and with which labels. */
export interface ProbeMetricsOptions extends ProbeLabelOptions {
  /** Where the metrics are registered. @default the global register of prom-client */
  readonly register?: ProbeMetricsRegister | undefined;
  /** What the metrics' names begin with. @default 'netpause_' */
  readonly prefix?: string | undefined;
  /** The module prom-client itself, where another copy of it is meant than the one that is installed beside netpause. @default import('prom-client') */
  readonly client?: ProbeMetricsClient | undefined;
}

/** Shows the last results of probes to Prometheus. */
export interface ProbeMetrics extends ProbeExporter {
  /**
   * Shows a result, in the place of the one before it of the same probe, target and labels.
   *
   * @throws {InvalidOptionError} where there are labels that were not announced.
   */
  observe(result: ProbeResult, labels?: ProbeLabels): void;
}

/**
 * Makes metrics of results with prom-client, version 14 or 15.
 *
 * @throws {InvalidOptionError} where an option has a wrong name, type or range, or the register has a metric of that name already.
 * @throws {MissingPackageError} where prom-client is not installed.
 *
 * @example
 * const metrics = await createProbeMetrics({ labels: ['site'] });
 * metrics.observe(await probeDns('example.com', { server: '192.0.2.53' }), { site: 'north' });
 */
export async function createProbeMetrics(options: ProbeMetricsOptions = {}): Promise<ProbeMetrics> {
  checkOptions(OWNER, options, RULES);
  const client = options.client ?? (await loadPackage('prom-client', OWNER, () => import('prom-client')));
  const { register = client.register, prefix = 'netpause_', labels = [] } = options;
  const metrics = new PrometheusProbeMetrics(client, prefix, labels);
  metrics.register(register);
  return metrics;
}

const OWNER = 'createProbeMetrics';

const RULES: OptionRules<ProbeMetricsOptions> = {
  register: objectWith('a registry of prom-client', (value) =>
    hasMethods(value, ['registerMetric', 'getSingleMetric', 'removeSingleMetric']),
  ),
  prefix: {
    allowed: 'a string that a metric name of Prometheus can begin with: letters, digits, underscores, no digit first',
    accepts: (value) => typeof value === 'string' && /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(value),
  },
  labels: labelNamesRule,
  client: objectWith('the module prom-client', (value) => hasMethods(value, ['Counter', 'Gauge', 'Histogram'])),
};

function hasMethods(value: object, names: readonly string[]): boolean {
  return names.every((name) => typeof Reflect.get(value, name) === 'function');
}

class PrometheusProbeMetrics implements ProbeMetrics {
  readonly #client: ProbeMetricsClient;
  readonly #prefix: string;
  readonly #labels: readonly string[];
  readonly #series = new ProbeSeries();
  readonly #metrics = new Map<string, object>();
  readonly #rtt: InstanceType<ProbeMetricsClient['Histogram']>;
  #register: ProbeMetricsRegister | undefined;
  #lastTurn = Promise.resolve();

  constructor(client: ProbeMetricsClient, prefix: string, labels: readonly string[]) {
    this.#client = client;
    this.#prefix = prefix;
    this.#labels = labels;
    for (const metric of PROBE_METRICS) {
      if (metric.kind === 'gauge') this.#gauge(metric, () => this.#series.samples(metric));
      else this.#counter(metric, () => this.#series.samples(metric));
    }
    const configuration = this.#configure(PROBE_RTT);
    this.#rtt = new client.Histogram({
      ...configuration,
      buckets: [...RTT_BUCKETS],
      collect: () => this.#inTurn(() => {}),
    });
    this.#metrics.set(configuration.name, this.#rtt);
  }

  /** All of them or, where one of the names is taken, none. */
  register(register: ProbeMetricsRegister): void {
    const taken = [...this.#metrics.keys()].find((name) => register.getSingleMetric(name) !== undefined);
    if (taken !== undefined) {
      throw new InvalidOptionError(
        `${OWNER}: prefix`,
        this.#prefix,
        `one that gives names which the register does not have yet (it has ${taken}): detach the other metrics first, or choose another prefix or register`,
      );
    }
    for (const metric of this.#metrics.values()) register.registerMetric(metric);
    this.#register = register;
  }

  observe(result: ProbeResult, labels: ProbeLabels = {}): void {
    const series = this.#series.note(result, checkedLabels('observe', this.#labels, labels));
    for (const seconds of sampleSeconds(result)) this.#rtt.observe(series, seconds);
  }

  remove(selector: ProbeSelector): number {
    const removed = this.#series.remove(selector);
    for (const labels of removed) this.#rtt.remove(labels);
    return removed.length;
  }

  detach(): void {
    for (const [name, metric] of this.#metrics) {
      // The register may have been cleared and filled by others since.
      if (this.#register?.getSingleMetric(name) === metric) this.#register.removeSingleMetric(name);
    }
  }

  #gauge(metric: ProbeMetric, read: () => Iterable<ProbeSample>): void {
    const configuration = this.#configure(metric);
    const gauge = new this.#client.Gauge({
      ...configuration,
      collect: () =>
        this.#inTurn(() => {
          gauge.reset();
          for (const { labels, value } of read()) gauge.set(labels, value);
        }),
    });
    this.#metrics.set(configuration.name, gauge);
  }

  #counter(metric: ProbeMetric, read: () => Iterable<ProbeSample>): void {
    const configuration = this.#configure(metric);
    const counter = new this.#client.Counter({
      ...configuration,
      collect: () =>
        this.#inTurn(() => {
          counter.reset();
          for (const { labels, value } of read()) counter.inc(labels, value);
        }),
    });
    this.#metrics.set(configuration.name, counter);
  }

  /** One metric in each turn of the event loop: with thousands of targets a reading takes seconds, and probes are timed meanwhile. */
  async #inTurn(collect: () => void): Promise<void> {
    const turn = this.#lastTurn.then(() => nextTurn());
    this.#lastTurn = turn;
    await turn;
    collect();
  }

  #configure(metric: ProbeMetric): ProbeMetricConfiguration {
    const { help, labels = [] } = metric;
    const labelNames = ['probe', 'target', ...this.#labels, ...labels];
    return { name: prometheusName(this.#prefix, metric), help, labelNames, registers: [] };
  }
}

/**
 * The name in Prometheus, made as the OpenTelemetry specification has it made ("Prometheus and OpenMetrics Compatibility", metric metadata), and
 * as Prometheus does for what it gets by OTLP: so that one dashboard fits both ways.
 */
export function prometheusName(prefix: string, { name, unit, kind }: ProbeMetric): string {
  const withUnit = `${prefix}${name.replaceAll('.', '_')}${unit === undefined ? '' : SUFFIXES[unit]}`;
  return kind === 'counter' ? `${withUnit}_total` : withUnit;
}

const SUFFIXES = { s: '_seconds', '1': '_ratio', By: '_bytes', 'By/s': '_bytes_per_second', m: '_meters' } as const;
