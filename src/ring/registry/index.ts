export type { AlertWebhook } from './alert-webhook.js';
export { createRegistry, type Registry } from './create-registry.js';
export type { AnalysisAlert, LocationAnalysis, MissingAnalysis } from './missing-analysis.js';
export type { MembersWithAnalysis, RegistryHealth } from './read-routes.js';
export type { RegistryOptions } from './registry-options.js';
export { COLLECTIONS } from './ring-book.js';
export type { PathAnswer, TopologyAnswer } from './topology-routes.js';
