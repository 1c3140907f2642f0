export { type MemberFacts, MemberMetrics, type MetricsPage } from './member-metrics.js';
