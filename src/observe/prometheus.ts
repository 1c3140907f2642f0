import { InvalidOptionError, loadPackage } from '../errors/index.js';
import { checkOptions, type OptionRules, objectWith } from '../options/index.js';
import { hasMethods, MEASURE_RULES, type MeasureOptions, measure } from './measure.js';
import { type Instruments, type Labels, type Metric, prometheusName, type Sample } from './metric.js';

/**
 * A registry of prom-client, as far as it is needed: this and the types below mirror the parts of prom-client that are used, so that netpause's
 * own types need no such package.
 */
export interface PrometheusRegister {
  /** Takes a metric in. */
  registerMetric(metric: object): void;
  /** The metric of that name; `undefined` where there is none. */
  getSingleMetric(name: string): unknown;
  /** Takes a metric out. */
  removeSingleMetric(name: string): void;
}

/** The module prom-client, as far as it is needed. */
export interface PrometheusClient {
  /** The class of counters. */
  readonly Counter: {
    /** Makes a counter. */
    new (
      configuration: PrometheusConfiguration,
    ): {
      /** Forgets all values. */
      reset(): void;
      /** Adds to a series. */
      inc(labels: Labels, value: number): void;
    };
  };
  /** The class of gauges. */
  readonly Gauge: {
    /** Makes a gauge. */
    new (
      configuration: PrometheusConfiguration,
    ): {
      /** Forgets all values. */
      reset(): void;
      /** Sets a series. */
      set(labels: Labels, value: number): void;
    };
  };
  /** The class of histograms. Buckets are told of by their upper bounds. */
  readonly Histogram: {
    /** Makes a histogram. */
    new (
      configuration: PrometheusConfiguration & { buckets: number[] },
    ): {
      /** Records one value. */
      observe(labels: Labels, value: number): void;
    };
  };
  /** The global registry. */
  readonly register: PrometheusRegister;
}

/** What prom-client makes a metric of. */
export interface PrometheusConfiguration {
  /** Its name, prefix included. */
  readonly name: string;
  /** What is measured. */
  readonly help: string;
  /** The labels that its series have. */
  readonly labelNames: readonly string[];
  /** None at first: all metrics are registered together, or none is. */
  readonly registers: [];
  /** Called before each reading, to bring the values up to date. */
  readonly collect?: () => void;
}

/** What is measured, and where it is registered. */
export interface PrometheusOptions extends MeasureOptions {
  /**
   * Where the metrics are registered.
   *
   * @default the global register of prom-client
   */
  readonly register?: PrometheusRegister | undefined;
  /**
   * What the metrics' names begin with. A register takes each name once: a second monitor needs a prefix or a register of its own.
   *
   * @default 'netpause_'
   */
  readonly prefix?: string | undefined;
  /**
   * The module prom-client itself, where another copy of it is meant than the one that is installed beside netpause.
   *
   * @default import('prom-client')
   */
  readonly client?: PrometheusClient | undefined;
}

/**
 * Registers the metrics of a monitor and of calls with prom-client, version 14 or 15.
 *
 * @returns a function that takes the metrics out of the register again and stops measuring.
 * @throws {InvalidOptionError} where an option has a wrong name, type or range, or the register has a metric of that name already.
 * @throws {MissingPackageError} where prom-client is not installed.
 *
 * @example
 * import { register } from 'prom-client';
 *
 * const detach = await collectPrometheus({ monitor });
 * http.createServer(async (_request, response) => response.end(await register.metrics())).listen(9464);
 */
export async function collectPrometheus(options: PrometheusOptions = {}): Promise<() => void> {
  checkOptions('collectPrometheus', options, RULES);
  const client = options.client ?? (await loadPackage('prom-client', 'collectPrometheus', () => import('prom-client')));
  const { register = client.register, prefix = 'netpause_' } = options;
  const instruments = new PrometheusInstruments(client, prefix);
  const stop = measure(options, instruments);
  try {
    instruments.register(register);
  } catch (error) {
    stop();
    throw error;
  }
  return () => {
    stop();
    instruments.unregister(register);
  };
}

const RULES: OptionRules<PrometheusOptions> = {
  ...MEASURE_RULES,
  register: objectWith('a registry of prom-client', (value) =>
    hasMethods(value, ['registerMetric', 'getSingleMetric', 'removeSingleMetric']),
  ),
  prefix: {
    allowed: 'a string that a metric name of Prometheus can begin with: letters, digits, underscores, no digit first',
    accepts: (value) => typeof value === 'string' && /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(value),
  },
  client: objectWith('the module prom-client', (value) => hasMethods(value, ['Counter', 'Gauge', 'Histogram'])),
};

class PrometheusInstruments implements Instruments {
  readonly #client: PrometheusClient;
  readonly #prefix: string;
  readonly #metrics = new Map<string, object>();

  constructor(client: PrometheusClient, prefix: string) {
    this.#client = client;
    this.#prefix = prefix;
  }

  observe(metric: Metric, read: () => Iterable<Sample>): void {
    const configuration = this.#configure(metric);
    this.#metrics.set(
      configuration.name,
      metric.kind === 'counter' ? this.#counter(configuration, read) : this.#gauge(configuration, read),
    );
  }

  histogram(metric: Metric): (labels: Labels, value: number) => void {
    const configuration = this.#configure(metric);
    const histogram = new this.#client.Histogram({ ...configuration, buckets: [...(metric.buckets ?? [])] });
    this.#metrics.set(configuration.name, histogram);
    return (labels, value) => histogram.observe(labels, value);
  }

  /** All of them or, where one of the names is taken, none. */
  register(register: PrometheusRegister): void {
    const taken = [...this.#metrics.keys()].find((name) => register.getSingleMetric(name) !== undefined);
    if (taken !== undefined) {
      throw new InvalidOptionError(
        'collectPrometheus: prefix',
        this.#prefix,
        `one that gives names which the register does not have yet (it has ${taken}): detach the other metrics first, or choose another prefix or register`,
      );
    }
    for (const metric of this.#metrics.values()) register.registerMetric(metric);
  }

  unregister(register: PrometheusRegister): void {
    for (const [name, metric] of this.#metrics) {
      // The register may have been cleared and filled by others since.
      if (register.getSingleMetric(name) === metric) register.removeSingleMetric(name);
    }
  }

  #configure(metric: Metric): PrometheusConfiguration {
    const { help, labels } = metric;
    return { name: prometheusName(this.#prefix, metric), help, labelNames: labels, registers: [] };
  }

  #counter(configuration: PrometheusConfiguration, read: () => Iterable<Sample>): object {
    const counter = new this.#client.Counter({
      ...configuration,
      collect: () => {
        counter.reset();
        for (const { labels, value } of read()) counter.inc(labels, value);
      },
    });
    return counter;
  }

  #gauge(configuration: PrometheusConfiguration, read: () => Iterable<Sample>): object {
    const gauge = new this.#client.Gauge({
      ...configuration,
      collect: () => {
        gauge.reset();
        for (const { labels, value } of read()) gauge.set(labels, value);
      },
    });
    return gauge;
  }
}
