import type { PathAnswer } from '../../../ring/registry/index.js';
import { type GraphMarks, linkId, NO_MARKS } from '../../parts/graph/graph-model.js';
import type { NodeOf } from './site-addresses.js';

/** One stop of a path. */
export interface PathStop {
  readonly id: string;
  readonly label: string;
  /** How far away it is, from 1; undefined for where it begins, and for the target itself. */
  readonly hop: number | undefined;
  /** Milliseconds from the beginning of the path and back. */
  readonly latency: number | undefined;
  /** How much of them is spent since the stop before; less than nothing is nothing. */
  readonly added: number | undefined;
  /** Hops before it that did not answer. */
  readonly silent: number;
  /** Whether it is here that the time is spent. */
  readonly severity: 'high' | 'medium' | undefined;
}

/** A path between two sites as it is shown; or why there is none. */
export type ShownPath =
  | {
      readonly kind: 'found';
      readonly stops: readonly PathStop[];
      readonly totalHops: number;
      readonly mbps: number | null;
    }
  | { readonly kind: 'unknown' };

/**
 * What is told of a path.
 *
 * @param nodeOf of `siteAddresses`.
 */
export function shownPath({ path_analysis: analysis }: PathAnswer, nodeOf: NodeOf = (id) => id): ShownPath {
  if (!('path_nodes' in analysis)) return { kind: 'unknown' };
  const { source, path_edges: edges, bottlenecks, total_hops: totalHops, bandwidth_mbps: mbps } = analysis;
  const severities = new Map(bottlenecks.map((each) => [stretch(each.from_node, each.to_node), each.severity]));
  let [hop, latency] = [0, 0];
  const stops: PathStop[] = [{ ...BEGIN, id: source, label: source }];
  for (const { from, to, latency_ms: now, hop_number: number } of edges) {
    const id = nodeOf(to);
    // The target's own address, and then the target: once is enough.
    if (id === stops.at(-1)?.id) continue;
    const silent = number === null ? totalHops - hop : number - hop - 1;
    stops.push({
      id,
      label: nameOf(id),
      hop: number ?? undefined,
      latency: now,
      added: Math.max(0, now - latency),
      silent: Math.max(0, silent),
      severity: severities.get(stretch(from, to)),
    });
    [hop, latency] = [number ?? totalHops, Math.max(latency, now)];
  }
  return { kind: 'found', stops, totalHops, mbps };
}

const BEGIN = { hop: undefined, latency: undefined, added: undefined, silent: 0, severity: undefined };

/** What is marked in the picture: the ends at once, the way between them when it is known. */
export function marksOf(
  ends: readonly string[],
  answer: PathAnswer | undefined,
  nodeOf: NodeOf = (id) => id,
): GraphMarks {
  const analysis = answer?.path_analysis;
  if (analysis === undefined || !('path_nodes' in analysis)) return { ...NO_MARKS, ends };
  return {
    ends,
    nodes: [...new Set(analysis.path_nodes.map(nodeOf))],
    links: new Set(analysis.path_edges.map(({ from, to }) => linkId(nodeOf(from), nodeOf(to)))),
  };
}

/** Milliseconds to the end of each stretch of a path, by the ids of the links. */
export function stretchesOf(answer: PathAnswer | undefined, nodeOf: NodeOf = (id) => id): ReadonlyMap<string, number> {
  const analysis = answer?.path_analysis;
  if (analysis === undefined || !('path_nodes' in analysis)) return new Map();
  return new Map(
    analysis.path_edges.map(({ from, to, latency_ms: latency }) => [linkId(nodeOf(from), nodeOf(to)), latency]),
  );
}

function nameOf(id: string): string {
  return id.startsWith(ROUTER) ? id.slice(ROUTER.length) : id;
}

const ROUTER = 'router_';

function stretch(from: string, to: string): string {
  return JSON.stringify([from, to]);
}
