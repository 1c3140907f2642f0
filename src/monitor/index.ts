export type { LogFunction, Logger, LogLevel, LogRecord, LogValue } from '../log/index.js';
export {
  type CheckResult,
  type DownReason,
  isPathReason,
  type NetworkChange,
  type NetworkReason,
  type NetworkState,
  type PathReason,
  type WaitOptions,
  type WorkOutcome,
} from '../state/index.js';
export type { CarrierGuardMode } from './carrier-guard.js';
export type { TargetOptions } from './destination.js';
export type { UrlCheck } from './http-check.js';
export type {
  InterfaceAddress,
  InterfaceStatistics,
  LinkChange,
  NetworkInterface,
  OperState,
} from './kernel-view.js';
export type { NetworkMonitorOptions } from './monitor-options.js';
export { NetworkMonitor, type NetworkMonitorEvents, type NetworkSnapshot } from './network-monitor.js';
export type { Egress } from './path.js';
export { setSharedMonitor, sharedMonitor } from './shared-monitor.js';
export type { TargetMonitor } from './target-monitor.js';
