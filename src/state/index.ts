export {
  type CheckResult,
  type DownReason,
  isPathReason,
  type NetworkChange,
  type NetworkReason,
  type NetworkState,
  type PathReason,
  type WorkOutcome,
} from './network-state.js';
export { StateCell, type WaitOptions } from './state-cell.js';
export type { Judgement, Verdict } from './verdict.js';
