import type { TopologyAnswer } from '../../../ring/registry/index.js';
import { type GraphLink, type GraphNode, type Level, linkId } from '../../parts/graph/graph-model.js';
import { formatMilliseconds } from '../../parts/text/numbers.js';
import type { NodeOf } from './site-addresses.js';

/** What is drawn of a topology, and how much is not. */
export interface TopologyGraph {
  /** Sites by name, then routers. */
  readonly nodes: readonly GraphNode[];
  readonly links: readonly GraphLink[];
  /** How many routes are drawn, and how many there are. */
  readonly drawn: number;
  readonly routes: number;
}

/** How much is drawn at most: beyond that nobody can read it, and the page gets slow. */
export interface DrawingLimits {
  readonly nodes: number;
  readonly links: number;
}

export const DRAWING_LIMITS: DrawingLimits = { nodes: 800, links: 1_500 };

type Edge = TopologyAnswer['topology']['edges'][number];

/**
 * What is drawn of a topology: whole routes, as many as there is room for, of each site in turn.
 *
 * @param nodeOf of `siteAddresses`.
 * @param first the route that comes before all others, as `'A->B'`.
 */
export function graphOf(
  { topology: { nodes, edges }, bottlenecks }: TopologyAnswer,
  nodeOf: NodeOf = (id) => id,
  first?: string,
  limits: DrawingLimits = DRAWING_LIMITS,
): TopologyGraph {
  const named = edges.map((edge) => ({ ...edge, source: nodeOf(edge.source), target: nodeOf(edge.target) }));
  const routes = inTurn(routesOf(named), first);
  const drawn = withinLimits(routes, limits);
  const notable = bottlenecks.slice(0, MOST_NOTABLE);
  const slow = new Map(
    notable.map((each) => [linkId(nodeOf(each.from_node), nodeOf(each.to_node)), each.latency_ms] as const).reverse(),
  );
  const lines = linksOf(drawn.flat(), slow);
  const ids = new Set(lines.flatMap(({ source, target }) => [source, target]));
  return {
    nodes: nodes
      .filter(({ id }) => ids.has(id))
      .map(({ id, type, label, x, y }) => ({
        id,
        label,
        kind: type === 'location' ? ('site' as const) : ('router' as const),
        start: { x, y },
      }))
      .sort((a, b) => rank(a) - rank(b) || compare(a.label, b.label) || compare(a.id, b.id)),
    links: lines,
    drawn: drawn.length,
    routes: routes.length,
  };
}

/** Bottlenecks that are named in the picture. */
const MOST_NOTABLE = 10;

function routesOf(edges: readonly Edge[]): ReadonlyMap<string, readonly Edge[]> {
  const routes = new Map<string, Edge[]>();
  for (const edge of edges) {
    const known = routes.get(edge.route);
    if (known === undefined) routes.set(edge.route, [edge]);
    else known.push(edge);
  }
  return routes;
}

/** One route of each source, then the next one of each. */
function inTurn(routes: ReadonlyMap<string, readonly Edge[]>, first: string | undefined): readonly (readonly Edge[])[] {
  const turns = new Map<string, number>();
  return [...routes]
    .map(([name, route]) => {
      const source = route[0]?.source ?? '';
      const turn = turns.get(source) ?? 0;
      turns.set(source, turn + 1);
      return { turn: name === first ? -1 : turn, route };
    })
    .sort((a, b) => a.turn - b.turn)
    .map(({ route }) => route);
}

function withinLimits(routes: readonly (readonly Edge[])[], limits: DrawingLimits): readonly (readonly Edge[])[] {
  const [nodes, links] = [new Set<string>(), new Set<string>()];
  const drawn: (readonly Edge[])[] = [];
  for (const route of routes) {
    const moreNodes = without(
      nodes,
      route.flatMap(({ source, target }) => [source, target]),
    );
    const moreLinks = without(
      links,
      route.map(({ source, target }) => linkId(source, target)),
    );
    if (nodes.size + moreNodes.length > limits.nodes || links.size + moreLinks.length > limits.links) continue;
    for (const id of moreNodes) nodes.add(id);
    for (const id of moreLinks) links.add(id);
    drawn.push(route);
  }
  return drawn;
}

function without(known: ReadonlySet<string>, ids: readonly string[]): readonly string[] {
  return [...new Set(ids)].filter((id) => !known.has(id));
}

/**
 * Of several routes on the same stretch the shortest time is shown: it has the least of what lies before the stretch, and of ways back that differ.
 * Of a bottleneck it is the time that makes it one.
 */
function linksOf(edges: readonly Edge[], slow: ReadonlyMap<string, number>): readonly GraphLink[] {
  const shortest = new Map<string, Edge>();
  for (const edge of edges) {
    const id = linkId(edge.source, edge.target);
    const known = shortest.get(id);
    if (edge.source !== edge.target && (known === undefined || edge.latency < known.latency)) shortest.set(id, edge);
  }
  return [...shortest]
    .map(([id, { source, target, latency: least }]): GraphLink => {
      const latency = slow.get(id) ?? least;
      return {
        id,
        source,
        target,
        level: levelOf(latency),
        label: formatMilliseconds(latency),
        isNotable: slow.has(id),
      };
    })
    .sort((a, b) => compare(a.id, b.id));
}

/** What is drawn where a path is chosen: its stretches with its own times. */
export function withPath(links: readonly GraphLink[], stretches: ReadonlyMap<string, number>): readonly GraphLink[] {
  if (stretches.size === 0) return links;
  return links.map((link) => {
    const latency = stretches.get(link.id);
    return latency === undefined ? link : { ...link, level: levelOf(latency), label: formatMilliseconds(latency) };
  });
}

/** As the registry colours them: milliseconds. */
function levelOf(latency: number): Level {
  if (latency > 50) return 3;
  return latency > 20 ? 2 : 1;
}

function rank({ kind }: GraphNode): number {
  return kind === 'site' ? 0 : 1;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
