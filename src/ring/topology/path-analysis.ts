import { type Bottleneck, bottlenecksOf, edgesOf } from './graph.js';
import type { Route } from './routes.js';

/** A stretch of a path. */
export interface PathEdge {
  readonly from: string;
  readonly to: string;
  readonly latency_ms: number;
  readonly hop_number: number | null;
}

/** How one location is reached from another. */
export interface PathAnalysis {
  readonly source: string;
  readonly target: string;
  readonly total_hops: number;
  /** Milliseconds. */
  readonly max_hop_latency: number;
  readonly bandwidth_mbps: number | null;
  readonly path_nodes: readonly string[];
  readonly path_edges: readonly PathEdge[];
  readonly bottlenecks: readonly Bottleneck[];
}

/** Follows the route from one location to another; undefined where no trace of it is known. */
export function pathAnalysis(routes: readonly Route[], source: string, target: string): PathAnalysis | undefined {
  const route = routes.find((each) => each.source === source && each.target === target);
  if (route === undefined) return undefined;
  const edges = edgesOf(route);
  return {
    source,
    target,
    total_hops: route.hops.length,
    max_hop_latency: Math.max(0, ...route.hops.map(({ latency_ms: latency }) => latency ?? 0)),
    bandwidth_mbps: route.bandwidthMbps ?? null,
    path_nodes: [source, ...edges.map((edge) => edge.target)],
    path_edges: edges.map(({ source: from, target: to, latency, hop_number: hop }) => ({
      from,
      to,
      latency_ms: latency,
      hop_number: hop,
    })),
    bottlenecks: bottlenecksOf(edges),
  };
}
