export type { ProbeContext, ProbeMonitor } from './probe-context.js';
export type { AddressFamily, ResolvedHost, ResolveHost } from './resolve-host.js';
export type {
  FailureSource,
  ProbeResult,
  ProbeStatus,
  Timings,
} from './result.js';
