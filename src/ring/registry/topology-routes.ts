import { createRoute, z } from '@hono/zod-openapi';
import type { WebService } from '../../server/index.js';
import {
  type Bottleneck,
  type PathAnalysis,
  pathAnalysis,
  renderTopologySvg,
  routeBetween,
  routesOf,
  type Topology,
  type TopologySummary,
  topologyOf,
} from '../topology/index.js';
import { type ErrorResponse, errorResponseSchema, locationSchema } from '../wire/index.js';
import { jsonOf, shapeOf } from './json-parts.js';
import { Recent } from './recent.js';
import type { RingBook } from './ring-book.js';

/** `GET /topology`; the time in seconds since 1970. */
export interface TopologyAnswer {
  /** In numbers. */
  readonly summary: TopologySummary;
  /** The graph. */
  readonly topology: Topology;
  /** The stretches that take long. */
  readonly bottlenecks: readonly Bottleneck[];
  /** When it was told. */
  readonly timestamp: number;
}

/** `GET /topology/path`; the time in seconds since 1970. */
export interface PathAnswer {
  /** The path, or why there is none. */
  readonly path_analysis: PathAnalysis | ErrorResponse;
  /** When it was told. */
  readonly timestamp: number;
}

/** What the traces of all members come to. */
export function addTopologyRoutes(app: WebService['app'], book: RingBook): void {
  const routes = new Recent(() => routesOf(book.reports()));
  const graph = new Recent(() => topologyOf(routes.value));
  app.openapi(topology, (context) => {
    const { nodes, edges, summary, bottlenecks } = graph.value;
    const timestamp = Date.now() / 1_000;
    return context.json({ summary, topology: { nodes, edges, summary, bottlenecks }, bottlenecks, timestamp }, 200);
  });
  app.openapi(topologySvg, (context) => {
    const svg = renderTopologySvg(graph.value, context.req.valid('query'));
    return context.body(svg, 200, { 'content-type': 'image/svg+xml', 'cache-control': 'no-cache' });
  });
  app.openapi(topologyPath, (context) => {
    const { source, target } = context.req.valid('query');
    // Of a large ring the graph does not have all of them.
    const route = routeBetween(book.reports(), source, target);
    const analysis = pathAnalysis(route === undefined ? [] : [route], source, target) ?? {
      error: `No data for route ${source}->${target}`,
    };
    return context.json({ path_analysis: analysis, timestamp: Date.now() / 1_000 }, 200);
  });
}

const topology = createRoute({
  method: 'get',
  path: '/topology',
  summary: 'The graph of all traced routes',
  responses: { 200: jsonOf(shapeOf<TopologyAnswer>(), 'Nodes, edges, bottlenecks') },
});

const inches = (fallback: number) => z.coerce.number().min(2).max(50).default(fallback);

const topologySvg = createRoute({
  method: 'get',
  path: '/topology/svg',
  summary: 'The same as a picture',
  request: { query: z.object({ width: inches(12), height: inches(8) }) },
  responses: { 200: { description: 'A picture', content: { 'image/svg+xml': { schema: z.string() } } } },
});

const topologyPath = createRoute({
  method: 'get',
  path: '/topology/path',
  summary: 'The route from one location to another',
  request: { query: z.object({ source: locationSchema, target: locationSchema }) },
  responses: {
    200: jsonOf(shapeOf<PathAnswer>(), 'The route, or that none is known'),
    400: jsonOf(errorResponseSchema, 'Both are needed'),
  },
});
