export type { FollowerEnd, IpcChannel, OwnerEnd } from './channel.js';
export {
  type DrainTask,
  type GracefulShutdown,
  type GracefulShutdownOptions,
  gracefulShutdown,
  type ShutdownOutcome,
  type Stoppable,
} from './graceful-shutdown.js';
export { type HealthHandler, livenessHandler, readinessHandler } from './health-handler.js';
export {
  type HealthReport,
  type HealthSubject,
  livenessReport,
  type ReadinessOptions,
  readinessReport,
} from './health-report.js';
export { type NetworkShare, type ShareableNetwork, shareNetwork } from './share-network.js';
export { SharedNetwork, type SharedTarget } from './shared-network.js';
export { SharedNetworkError } from './shared-network-error.js';
export { ShutdownError } from './shutdown-error.js';
