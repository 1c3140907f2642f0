import { createRoute, z } from '@hono/zod-openapi';
import { streamEvents, type WebService } from '../../server/index.js';
import type { RecordStore, StoreChange } from '../../store/index.js';
import {
  type Bottleneck,
  type PathAnalysis,
  pathAnalysis,
  renderTopologySvg,
  routesOf,
  type Topology,
  type TopologySummary,
  topologyOf,
} from '../topology/index.js';
import {
  errorResponseSchema,
  locationSchema,
  type MembersResponse,
  type MetricsResponse,
  membersResponseSchema,
  metricsResponseSchema,
} from '../wire/index.js';
import { jsonOf } from './json-parts.js';
import type { MissingAnalysis } from './missing-analysis.js';
import type { RingBook } from './ring-book.js';

/** What the registry tells, and of whom it knows it. */
export interface RegistryView {
  readonly book: RingBook;
  readonly store: RecordStore;
  readonly version: string;
  /** Who is missing. */
  readonly analysis: () => MissingAnalysis;
  /** The page of Prometheus. */
  readonly metricsPage: () => Promise<{ readonly type: string; readonly text: string }>;
}

/** `GET /members_with_analysis`; the time in seconds since 1970. */
export interface MembersWithAnalysis extends MembersResponse {
  readonly missing_analysis: MissingAnalysis;
  readonly timestamp: number;
}

/** `GET /topology`; the time in seconds since 1970. */
export interface TopologyAnswer {
  readonly summary: TopologySummary;
  readonly topology: Topology;
  readonly bottlenecks: readonly Bottleneck[];
  readonly timestamp: number;
}

/** `GET /topology/path`; the time in seconds since 1970. */
export interface PathAnswer {
  readonly path_analysis: PathAnalysis | { readonly error: string };
  readonly timestamp: number;
}

/** `GET /health`; times in seconds since 1970. */
export interface RegistryHealth {
  readonly status: 'healthy' | 'unhealthy';
  readonly version: string;
  readonly component: 'registry';
  readonly timestamp: number;
  /** How many members are there. */
  readonly members: number;
  readonly store: {
    readonly kind: 'memory' | 'redis';
    readonly reachable: boolean;
    /** Writes that the shared store does not know yet. */
    readonly unsynced: number;
    readonly away_since?: number;
  };
  /** Why the shared store cannot be reached. */
  readonly error?: string;
}

/** What is told to everybody. */
export function addReadRoutes(service: WebService, view: RegistryView): void {
  addMembers(service.app, view);
  addMetrics(service.app, view);
  addTopology(service.app, view);
  addHealth(service.app, view);
  addEvents(service, view);
}

function addMembers(app: WebService['app'], { book, store, analysis }: RegistryView): void {
  app.openapi(members, (context) => context.json({ members: book.members() }, 200));
  app.openapi(membersWithAnalysis, (context) => {
    const timestamp = Math.floor(store.now() / 1_000);
    return context.json({ members: book.members(), missing_analysis: analysis(), timestamp }, 200);
  });
}

/** One path, for people and programs of the ring as JSON, for Prometheus as it asks for it. */
function addMetrics(app: WebService['app'], { book, metricsPage }: RegistryView): void {
  // What members have reported is of many shapes: it is described, and its type is not checked here.
  app.openAPIRegistry.registerPath(metrics);
  app.get(metrics.path, async (context) => {
    const accept = context.req.header('accept') ?? '';
    if (context.req.query('format') === 'prometheus' || /text\/plain|openmetrics/.test(accept)) {
      const { type, text } = await metricsPage();
      return context.body(text, 200, { 'content-type': type });
    }
    const all = book.reports().map(({ id, metrics: reported }) => [id, reported] as const);
    return Response.json({ metrics: Object.fromEntries(all) } satisfies MetricsResponse);
  });
}

function addTopology(app: WebService['app'], { book }: RegistryView): void {
  app.openapi(topology, (context) => {
    const { nodes, edges, summary, bottlenecks } = topologyOf(routesOf(book.reports()));
    const timestamp = Date.now() / 1_000;
    return context.json({ summary, topology: { nodes, edges, summary, bottlenecks }, bottlenecks, timestamp }, 200);
  });
  app.openapi(topologySvg, (context) => {
    const svg = renderTopologySvg(topologyOf(routesOf(book.reports())), context.req.valid('query'));
    return context.body(svg, 200, { 'content-type': 'image/svg+xml', 'cache-control': 'no-cache' });
  });
  app.openapi(topologyPath, (context) => {
    const { source, target } = context.req.valid('query');
    const found = pathAnalysis(routesOf(book.reports()), source, target);
    const analysis = found ?? { error: `No data for route ${source}->${target}` };
    return context.json({ path_analysis: analysis, timestamp: Date.now() / 1_000 }, 200);
  });
}

/** 503 while the shared store is away: the registry goes on with what it knows, but keeps nothing safely. */
function addHealth(app: WebService['app'], { book, store, version }: RegistryView): void {
  app.openapi(health, (context) => {
    const { kind, reachable, awaySince, unsynced, error } = store.health;
    const answer: RegistryHealth = {
      status: reachable ? 'healthy' : 'unhealthy',
      version,
      component: 'registry',
      timestamp: Date.now() / 1_000,
      members: book.active().length,
      store: {
        kind,
        reachable,
        unsynced,
        ...(awaySince !== undefined && { away_since: Math.floor(awaySince / 1_000) }),
      },
      ...(error !== undefined && { error }),
    };
    return context.json(answer, reachable ? 200 : 503);
  });
}

function addEvents(service: WebService, { store }: RegistryView): void {
  service.app.get('/events', (context) =>
    streamEvents(
      context,
      (tell) => {
        const listener = ({ collection, key, record }: StoreChange): void =>
          tell({
            event: collection,
            data: JSON.stringify({ key, ...(record !== undefined && { value: record.value }) }),
          });
        store.on('change', listener);
        return () => store.off('change', listener);
      },
      service.closing,
      [{ event: 'hello', data: '{}' }],
    ),
  );
}

/** An object whose shape is that of a type. */
function shapeOf<Shape extends object>() {
  return z.custom<Shape>().openapi({ type: 'object' });
}

const members = createRoute({
  method: 'get',
  path: '/members',
  summary: 'Who is there, and who has left within the last hour',
  responses: { 200: jsonOf(membersResponseSchema, 'All of them') },
});

const membersWithAnalysis = createRoute({
  method: 'get',
  path: '/members_with_analysis',
  summary: 'The same, and who is missing',
  responses: { 200: jsonOf(shapeOf<MembersWithAnalysis>(), 'All of them, and who is missing') },
});

const metrics = createRoute({
  method: 'get',
  path: '/metrics',
  summary: 'What each member reported last; for Prometheus, the metrics of the registry',
  request: { query: z.object({ format: z.enum(['json', 'prometheus']).optional() }) },
  responses: { 200: jsonOf(metricsResponseSchema, 'By the ids of the members') },
});

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

const health = createRoute({
  method: 'get',
  path: '/health',
  summary: 'How the registry is',
  responses: {
    200: jsonOf(shapeOf<RegistryHealth>(), 'Healthy'),
    503: jsonOf(shapeOf<RegistryHealth>(), 'The shared store is away'),
  },
});
