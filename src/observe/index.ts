export { MissingPackageError } from '../errors/index.js';
export {
  type ChannelMessages,
  type MonitorMessage,
  type RetryMessage,
  subscribe,
} from './channel-messages.js';
export type { MeasureOptions } from './measure.js';
export type { Labels } from './metric.js';
export {
  collectOpenTelemetry,
  type OpenTelemetryCallback,
  type OpenTelemetryMeter,
  type OpenTelemetryMetricOptions,
  type OpenTelemetryMetricsOptions,
  type OpenTelemetryObservable,
} from './open-telemetry-metrics.js';
export {
  type OpenTelemetryAttributes,
  type OpenTelemetrySpan,
  type OpenTelemetryTracer,
  type TraceOptions,
  traceRetryer,
} from './open-telemetry-traces.js';
export {
  collectPrometheus,
  type PrometheusClient,
  type PrometheusConfiguration,
  type PrometheusOptions,
  type PrometheusRegister,
} from './prometheus.js';
