export { toJsonLine } from './json-line.js';
export { type LineProtocolOptions, toLineProtocol } from './line-protocol.js';
export type { ProbeLabels } from './metric.js';
export {
  createProbeRecorder,
  type ProbeAttributes,
  type ProbeHistogram,
  type ProbeInstrumentOptions,
  type ProbeMeter,
  type ProbeObservable,
  type ProbeObservableCallback,
  type ProbeRecorder,
  type ProbeRecorderOptions,
} from './open-telemetry.js';
export { type ProbeLabelOptions, probeLabelNames } from './own-labels.js';
export type { ProbeExporter } from './probe-exporter.js';
export type { ProbeSelector } from './probe-series.js';
export {
  createProbeMetrics,
  type ProbeMetricConfiguration,
  type ProbeMetrics,
  type ProbeMetricsClient,
  type ProbeMetricsOptions,
  type ProbeMetricsRegister,
} from './prometheus.js';
