import { loadPackage } from '../../errors/index.js';
import { checkOptions, type OptionRules, objectWith } from '../../options/index.js';
import type { ProbeResult } from '../result.js';
import { numberAt, sampleSeconds, targetOf, textAt } from './facts.js';
import type { ProbeLabels, ProbeMetric, ProbeSample } from './metric.js';
import { checkedLabels, labelNamesRule, type ProbeLabelOptions } from './own-labels.js';
import type { ProbeExporter } from './probe-exporter.js';
import { PROBE_METRICS, PROBE_RTT, RTT_BUCKETS } from './probe-metrics.js';
import { type ProbeSelector, ProbeSeries } from './probe-series.js';

/** Attributes of a measurement, as far as they are needed. */
export type ProbeAttributes = Readonly<Record<string, string | number>>;

/**
 * A meter of OpenTelemetry, as far as it is needed: this and the types below mirror the parts of @opentelemetry/api that are used, so that
 * netpause's own types need no such package.
 */
export interface ProbeMeter {
  /** Makes a counter that is read whenever the metrics are exported. */
  createObservableCounter(name: string, options: ProbeInstrumentOptions): ProbeObservable;
  /** Makes a gauge that is read whenever the metrics are exported. */
  createObservableGauge(name: string, options: ProbeInstrumentOptions): ProbeObservable;
  /** Makes a histogram. */
  createHistogram(name: string, options: ProbeInstrumentOptions): ProbeHistogram;
}

/** A histogram: `Histogram` of @opentelemetry/api. */
export interface ProbeHistogram {
  /** Records one value. */
  record(value: number, attributes: ProbeAttributes): void;
}

/** What a metric is made with: `MetricOptions` of @opentelemetry/api. */
export interface ProbeInstrumentOptions {
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
export interface ProbeObservable {
  /** Has the callback called at every reading. */
  addCallback(callback: ProbeObservableCallback): void;
  /** Ends that. */
  removeCallback(callback: ProbeObservableCallback): void;
}

/** Reports the value of each series at the moment of a reading: `ObservableCallback` of @opentelemetry/api. */
export type ProbeObservableCallback = (result: { observe(value: number, attributes: ProbeAttributes): void }) => void;

/** Where results are recorded, and with which attributes. */
export interface ProbeRecorderOptions extends ProbeLabelOptions {
  /** Where the metrics are made. @default the meter `netpause` of the meter provider that is registered with @opentelemetry/api by then */
  readonly meter?: ProbeMeter | undefined;
}

/**
 * Records results of probes with OpenTelemetry. What histograms have recorded stays when a target is removed: OpenTelemetry has no way to take it
 * back.
 */
export interface ProbeRecorder extends ProbeExporter {
  /**
   * Records a result.
   *
   * @throws {InvalidOptionError} where there are labels that were not announced.
   */
  record(result: ProbeResult, labels?: ProbeLabels): void;
}

/**
 * Makes metrics of results with OpenTelemetry: those of `createProbeMetrics`, in OpenTelemetry's spelling (`netpause.probe.duration`); and, where
 * the semantic conventions have one, theirs beside: `dns.lookup.duration` and `http.client.request.duration`. Inconclusive results are in
 * neither of these two.
 *
 * @throws {InvalidOptionError} where an option has a wrong name, type or range.
 * @throws {MissingPackageError} where no meter is given and @opentelemetry/api is not installed.
 *
 * @example
 * const recorder = await createProbeRecorder();
 * recorder.record(await probeDns('example.com', { server: '192.0.2.53' }));
 */
export async function createProbeRecorder(options: ProbeRecorderOptions = {}): Promise<ProbeRecorder> {
  checkOptions(OWNER, options, RULES);
  return new OpenTelemetryRecorder(options.meter ?? (await defaultMeter()), options.labels ?? []);
}

const OWNER = 'createProbeRecorder';

const RULES: OptionRules<ProbeRecorderOptions> = {
  meter: objectWith('a meter of OpenTelemetry', (value) =>
    ['createObservableCounter', 'createObservableGauge', 'createHistogram'].every(
      (name) => typeof Reflect.get(value, name) === 'function',
    ),
  ),
  labels: labelNamesRule,
};

async function defaultMeter(): Promise<ProbeMeter> {
  const { metrics } = await loadPackage('@opentelemetry/api', OWNER, () => import('@opentelemetry/api'));
  return metrics.getMeter('netpause');
}

class OpenTelemetryRecorder implements ProbeRecorder {
  readonly #labels: readonly string[];
  readonly #series = new ProbeSeries();
  readonly #detachments: (() => void)[] = [];
  readonly #rtt: ProbeHistogram;
  readonly #dns: ProbeHistogram;
  readonly #http: ProbeHistogram;

  constructor(meter: ProbeMeter, labels: readonly string[]) {
    this.#labels = labels;
    for (const metric of PROBE_METRICS) {
      const create = metric.kind === 'gauge' ? 'createObservableGauge' : 'createObservableCounter';
      this.#follow(meter[create](nameOf(metric), describe(metric)), () => this.#series.samples(metric));
    }
    this.#rtt = meter.createHistogram(nameOf(PROBE_RTT), { ...describe(PROBE_RTT), advice: bucketsOf(RTT_BUCKETS) });
    this.#dns = meter.createHistogram('dns.lookup.duration', DNS_LOOKUP);
    this.#http = meter.createHistogram('http.client.request.duration', HTTP_REQUEST);
  }

  record(result: ProbeResult, labels: ProbeLabels = {}): void {
    const own = checkedLabels('record', this.#labels, labels);
    const series = this.#series.note(result, own);
    for (const seconds of sampleSeconds(result)) this.#rtt.record(seconds, series);
    if (result.status === 'inconclusive') return;
    if (result.probe === 'dns') this.#dns.record(dnsDuration(result), { ...dnsAttributes(result), ...own });
    if (result.probe === 'http') this.#http.record(httpDuration(result), { ...httpAttributes(result), ...own });
  }

  remove(selector: ProbeSelector): number {
    return this.#series.remove(selector).length;
  }

  detach(): void {
    for (const detach of this.#detachments.splice(0)) detach();
  }

  #follow(observable: ProbeObservable, read: () => Iterable<ProbeSample>): void {
    const callback: ProbeObservableCallback = (result) => {
      for (const { labels, value } of read()) result.observe(value, labels);
    };
    observable.addCallback(callback);
    this.#detachments.push(() => observable.removeCallback(callback));
  }
}

function nameOf({ name }: ProbeMetric): string {
  return `netpause.${name}`;
}

function describe({ help, unit }: ProbeMetric): ProbeInstrumentOptions {
  return { description: help, ...(unit !== undefined && { unit }) };
}

function bucketsOf(bounds: readonly number[]): { explicitBucketBoundaries: number[] } {
  return { explicitBucketBoundaries: [...bounds] };
}

/** "Semantic conventions for DNS queries", metric `dns.lookup.duration`. */
const DNS_LOOKUP = {
  description: 'Measures the time taken to perform a DNS lookup.',
  unit: 's',
  advice: bucketsOf([0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]),
} satisfies ProbeInstrumentOptions;

/** "Semantic conventions for HTTP metrics", metric `http.client.request.duration`. */
const HTTP_REQUEST = {
  description: 'Duration of HTTP client requests.',
  unit: 's',
  advice: bucketsOf([0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]),
} satisfies ProbeInstrumentOptions;

/** The query that was answered; where none was, all that was waited. */
function dnsDuration({ timings, duration }: ProbeResult): number {
  return (timings['query'] ?? duration) / 1_000;
}

function dnsAttributes(result: ProbeResult): ProbeAttributes {
  const { facts } = result;
  const server = textAt(facts, 'server');
  return {
    'dns.question.name': textAt(facts, 'question', 'name') ?? targetOf(result),
    ...(server !== undefined && server !== 'system' && { 'server.address': addressOf(server) }),
    ...(result.reason !== undefined && { 'error.type': result.reason }),
  };
}

/** `'[2001:db8::53]:53'` without brackets and port. */
function addressOf(server: string): string {
  return server.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
}

/** The last request, with what it took to connect; without the redirects before it, which were requests of their own. */
function httpDuration({ timings, duration }: ProbeResult): number {
  return Math.max(0, duration - (timings['redirect'] ?? 0)) / 1_000;
}

function httpAttributes(result: ProbeResult): ProbeAttributes {
  const { facts } = result;
  const url = urlOf(textAt(facts, 'url') ?? result.target);
  const status = numberAt(facts, 'status');
  const version = textAt(facts, 'httpVersion');
  const error = status !== undefined && status >= 400 ? String(status) : result.reason;
  return {
    // By the conventions, what is not known to be a method of theirs is `_OTHER`.
    'http.request.method': textAt(facts, 'method') ?? '_OTHER',
    'server.address': url?.hostname.replace(/^\[|\]$/g, '') ?? '',
    'server.port': portOf(url),
    ...(url !== undefined && { 'url.scheme': url.protocol.slice(0, -1) }),
    ...(status !== undefined && { 'http.response.status_code': status }),
    ...(version !== undefined && { 'network.protocol.version': version }),
    ...(error !== undefined && { 'error.type': error }),
  };
}

function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function portOf(url: URL | undefined): number {
  if (url === undefined || url.port !== '') return Number(url?.port ?? 0);
  return url.protocol === 'https:' ? 443 : 80;
}
