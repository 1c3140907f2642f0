import type { Route } from './routes.js';

/** A location or a router. */
export interface TopologyNode {
  /** The location's name, or `router_` and the address. */
  readonly id: string;
  /** What it is. */
  readonly type: 'location' | 'router';
  /** What to show. */
  readonly label: string;
  /** Of a router. */
  readonly ip: string | null;
  /** Of a location. */
  readonly location: string | null;
  /** Where to draw it, −1 to 1. */
  readonly x: number;
  /** Where to draw it, −1 to 1. */
  readonly y: number;
}

/** A stretch of a route. */
export interface TopologyEdge {
  /** Where it begins. */
  readonly source: string;
  /** Where it ends. */
  readonly target: string;
  /** Mean round trip from the beginning of the route to the end of this stretch, in milliseconds. */
  readonly latency: number;
  /** `'A->B'` */
  readonly route: string;
  /** How far away its end is; null for the last stretch, to the target itself. */
  readonly hop_number: number | null;
  /** By `latency`: `'green'` up to 20 ms, `'orange'` up to 50 ms, `'red'` above. */
  readonly color: 'green' | 'orange' | 'red';
}

/** A stretch that takes long. */
export interface Bottleneck {
  /** Where it begins. */
  readonly from_node: string;
  /** Where it ends. */
  readonly to_node: string;
  /** Mean round trip from the beginning of the route to the end of this stretch, in milliseconds. */
  readonly latency_ms: number;
  /** `'A->B'` */
  readonly route: string;
  /** How far away its end is; null for the last stretch. */
  readonly hop_number: number | null;
  /**
   * By how much longer the round trip is to the end of this stretch than to whatever lies before it: by more than 150 ms `'medium'`, by more than
   * 300 ms `'high'`.
   */
  readonly severity: 'high' | 'medium';
}

/** What there is, in numbers. */
export interface TopologySummary {
  /** How many locations. */
  readonly total_locations: number;
  /** How many routers. */
  readonly total_routers: number;
  /** How many stretches. */
  readonly total_edges: number;
  /** How many routes it was made of. */
  readonly routes_analyzed: number;
  /** How many stretches take long. */
  readonly bottlenecks_found: number;
  /** Their names. */
  readonly locations: readonly string[];
  /** Directed edges by those that there could be. */
  readonly graph_density: number;
  /** Whether each node can be reached from each other. */
  readonly strongly_connected: boolean;
}

/** The graph of all routes. */
export interface Topology {
  /** Locations and routers. */
  readonly nodes: readonly TopologyNode[];
  /** Stretches. */
  readonly edges: readonly TopologyEdge[];
  /** In numbers. */
  readonly summary: TopologySummary;
  /** The stretches that take long. */
  readonly bottlenecks: readonly Bottleneck[];
}

/** Milliseconds. A stretch that adds more is a bottleneck. */
const BOTTLENECK = 150;
/** Milliseconds. One that adds more is a severe one. */
const SEVERE = 300;

/** Milliseconds: green up to 20, orange up to 50, red above. */
function edgeColor(latency: number): TopologyEdge['color'] {
  if (latency > 50) return 'red';
  return latency > 20 ? 'orange' : 'green';
}

/** Puts routes together. The same routes make the same graph, in whatever order they come. */
export function topologyOf(routes: readonly Route[]): Topology {
  const sorted = [...routes].sort((a, b) => compare(routeName(a), routeName(b)));
  const edges = sorted.flatMap(edgesOf);
  const locations = [...new Set(sorted.flatMap(({ source, target }) => [source, target]))].sort(compare);
  const nodes = layOut(locations, edges);
  const bottlenecks = bottlenecksOf(edges);
  const pairs = new Set(edges.map(({ source, target }) => JSON.stringify([source, target])));
  return {
    nodes,
    edges,
    bottlenecks,
    summary: {
      total_locations: locations.length,
      total_routers: nodes.length - locations.length,
      total_edges: pairs.size,
      routes_analyzed: routes.length,
      bottlenecks_found: bottlenecks.length,
      locations,
      graph_density: nodes.length < 2 ? 0 : pairs.size / (nodes.length * (nodes.length - 1)),
      strongly_connected: isStronglyConnected(nodes, edges),
    },
  };
}

/** `'A->B'`, as a route is called. */
function routeName({ source, target }: Pick<Route, 'source' | 'target'>): string {
  return `${source}->${target}`;
}

/** The stretches of one route. Hops that were silent are left out: what lies there is not known. */
export function edgesOf(route: Route): readonly TopologyEdge[] {
  const name = routeName(route);
  const answered = route.hops.filter(({ ip, latency_ms: latency }) => ip !== '*' && latency !== null);
  const stops = answered.map(({ hop, ip, latency_ms: latency }) => ({ id: routerId(ip), hop, latency: latency ?? 0 }));
  const last = stops.at(-1)?.latency ?? 0;
  return [...stops, { id: route.target, hop: null, latency: last }].map(({ id, hop, latency }, index) => ({
    source: stops[index - 1]?.id ?? route.source,
    target: id,
    latency,
    route: name,
    hop_number: hop,
    color: edgeColor(latency),
  }));
}

function routerId(ip: string): string {
  return `router_${ip}`;
}

/** The slowest stretches first, each where the time is spent: what lies behind it is as slow, and no bottleneck for that. */
export function bottlenecksOf(edges: readonly TopologyEdge[]): readonly Bottleneck[] {
  const before = new Map<string, number>();
  return edges
    .flatMap(({ source, target, latency, route, hop_number: hop }) => {
      const increase = latency - (before.get(route) ?? 0);
      before.set(route, Math.max(latency, before.get(route) ?? 0));
      if (increase <= BOTTLENECK) return [];
      const severity = increase > SEVERE ? ('high' as const) : ('medium' as const);
      return [{ from_node: source, to_node: target, latency_ms: latency, route, hop_number: hop, severity }];
    })
    .sort((a, b) => b.latency_ms - a.latency_ms);
}

/** Locations on a circle, each router at the middle of what its routes join, moved a little so that no two lie on each other. */
function layOut(locations: readonly string[], edges: readonly TopologyEdge[]): readonly TopologyNode[] {
  const places = new Map(
    locations.map((location, index) => {
      const angle = (2 * Math.PI * index) / Math.max(1, locations.length) - Math.PI / 2;
      return [location, { x: Math.cos(angle), y: Math.sin(angle) }] as const;
    }),
  );
  const routers = placeRouters(places, edges);
  return [
    ...[...places].map(([id, { x, y }]) => ({
      id,
      type: 'location' as const,
      label: id,
      ip: null,
      location: id,
      x,
      y,
    })),
    ...[...routers].map(([id, { x, y }]) => {
      const ip = id.slice('router_'.length);
      return { id, type: 'router' as const, label: ip, ip, location: null, x, y };
    }),
  ];
}

interface Place {
  readonly x: number;
  readonly y: number;
}

function placeRouters(places: ReadonlyMap<string, Place>, edges: readonly TopologyEdge[]): ReadonlyMap<string, Place> {
  const sums = new Map<string, { x: number; y: number; count: number }>();
  for (const route of groups(edges)) {
    const [from, to] = [places.get(route.at(0)?.source ?? ''), places.get(route.at(-1)?.target ?? '')];
    if (from === undefined || to === undefined) continue;
    for (const [index, { target }] of route.slice(0, -1).entries()) {
      const part = (index + 1) / route.length;
      const sum = sums.get(target) ?? { x: 0, y: 0, count: 0 };
      sum.x += from.x + (to.x - from.x) * part;
      sum.y += from.y + (to.y - from.y) * part;
      sum.count += 1;
      sums.set(target, sum);
    }
  }
  return new Map(
    [...sums]
      .sort(([a], [b]) => compare(a, b))
      .map(([id, { x, y, count }], index) => {
        // The golden angle never meets itself.
        const turn = index * 2.399963;
        return [id, { x: x / count + 0.06 * Math.cos(turn), y: y / count + 0.06 * Math.sin(turn) }];
      }),
  );
}

/** The edges of each route, in their order. */
function groups(edges: readonly TopologyEdge[]): readonly (readonly TopologyEdge[])[] {
  const byRoute = new Map<string, TopologyEdge[]>();
  for (const edge of edges) {
    const known = byRoute.get(edge.route);
    if (known === undefined) byRoute.set(edge.route, [edge]);
    else known.push(edge);
  }
  return [...byRoute.values()];
}

/** Whether all is reached from the first node, and the first from all. */
function isStronglyConnected(nodes: readonly TopologyNode[], edges: readonly TopologyEdge[]): boolean {
  const [first] = nodes;
  if (first === undefined) return false;
  const forward = edges.map(({ source, target }) => [source, target] as const);
  const backward = forward.map(([source, target]) => [target, source] as const);
  return [forward, backward].every((each) => reached(first.id, each).size === nodes.length);
}

function reached(start: string, edges: readonly (readonly [string, string])[]): ReadonlySet<string> {
  const next = new Map<string, string[]>();
  for (const [source, target] of edges) {
    const known = next.get(source);
    if (known === undefined) next.set(source, [target]);
    else known.push(target);
  }
  const seen = new Set([start]);
  const queue = [start];
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    for (const target of next.get(node) ?? []) {
      if (seen.has(target)) continue;
      seen.add(target);
      queue.push(target);
    }
  }
  return seen;
}

/** By code units: the same everywhere, whatever the locale. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
