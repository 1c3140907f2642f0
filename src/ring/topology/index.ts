export {
  type Bottleneck,
  type Topology,
  type TopologyEdge,
  type TopologyNode,
  type TopologySummary,
  topologyOf,
} from './graph.js';
export { type PathAnalysis, type PathEdge, pathAnalysis } from './path-analysis.js';
export { type LocatedReport, type Route, routeBetween, routesOf } from './routes.js';
export { renderTopologySvg } from './svg.js';
