export type { AlertWebhook } from './alert-webhook.js';
export { createRegistry, type Registry } from './create-registry.js';
export type {
  MatrixColumn,
  MatrixPart,
  MatrixRow,
  RegistryCondition,
  RingChange,
  RingSnapshot,
} from './matrix-shapes.js';
export type {
  AnalysisAlert,
  LocationAnalysis,
  LocationCounts,
  MissingAnalysis,
  MissingCounts,
} from './missing-analysis.js';
export type { BrokenPath } from './path-history.js';
export type { PathOutagesAnswer } from './path-history-routes.js';
export type { MembersWithAnalysis, RegistryHealth } from './read-routes.js';
export type { RegistryOptions } from './registry-options.js';
export { createRingStore, type RingStoreOptions } from './ring-store.js';
export type { PathAnswer, TopologyAnswer } from './topology-routes.js';
