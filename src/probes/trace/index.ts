export { comparePaths, type HopChange, type PathComparison } from './compare-paths.js';
export type { MplsLabel } from './icmp-extensions.js';
export { longestTrace, parseTraceTarget, probeTrace } from './probe-trace.js';
export { rememberPath } from './remember-path.js';
export { checkTraceOptions, type TraceMethod, type TraceProbeOptions } from './trace-options.js';
export type {
  HopRtt,
  TraceAddress,
  TraceFacts,
  TraceFlow,
  TraceHop,
  TraceLoop,
  TracePhase,
  TraceResult,
  Unreachable,
} from './trace-result.js';
