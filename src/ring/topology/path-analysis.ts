import { type Bottleneck, bottlenecksOf, edgesOf } from './graph.js';
import type { Route } from './routes.js';

/** A stretch of a path. */
export interface PathEdge {
  /** Where it begins. */
  readonly from: string;
  /** Where it ends. */
  readonly to: string;
  /** Mean round trip from the beginning of the route to the end of this stretch, in milliseconds. */
  readonly latency_ms: number;
  /** How far away its end is; null for the last stretch. */
  readonly hop_number: number | null;
}

/** How one location is reached from another. */
export interface PathAnalysis {
  /** Where it begins. */
  readonly source: string;
  /** Where it ends. */
  readonly target: string;
  /** How many routers are on it, and the target. */
  readonly total_hops: number;
  /** The longest mean round trip to one of them, in milliseconds. */
  readonly max_hop_latency: number;
  /** What the latest bandwidth test came to, in 10⁶ bits a second; null where there was none. */
  readonly bandwidth_mbps: number | null;
  /** Whom it passes. */
  readonly path_nodes: readonly string[];
  /** Its stretches. */
  readonly path_edges: readonly PathEdge[];
  /** The stretches that take long. */
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
