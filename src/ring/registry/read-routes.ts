import { createRoute, z } from '@hono/zod-openapi';
import type { WebService } from '../../server/index.js';
import type { RecordStore } from '../../store/index.js';
import {
  errorResponseSchema,
  type MembersResponse,
  type MetricsResponse,
  membersResponseSchema,
  metricsResponseSchema,
  outagesResponseSchema,
} from '../wire/index.js';
import { ringEvents } from './event-feed.js';
import { renderFrontPage } from './front-page.js';
import { jsonOf, shapeOf } from './json-parts.js';
import { metricsFormat } from './metrics-format.js';
import type { MissingAnalysis } from './missing-analysis.js';
import type { RingBook } from './ring-book.js';
import { addTopologyRoutes } from './topology-routes.js';

/** What the registry tells, and of whom it knows it. */
export interface RegistryView {
  readonly book: RingBook;
  readonly store: RecordStore;
  readonly version: string;
  /** Since when the registry has been offline itself, in milliseconds since 1970; undefined while it is not. */
  readonly offlineSince: () => number | undefined;
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
  /** Since when the registry has been offline itself, and does not judge who is missing; absent while it is not. */
  readonly offline_since?: number;
  /** Why the shared store cannot be reached. */
  readonly error?: string;
}

/** What is told to everybody. */
export function addReadRoutes(service: WebService, view: RegistryView): void {
  addMembers(service.app, view);
  addMetrics(service.app, view);
  addTopologyRoutes(service.app, view.book);
  addHealth(service.app, view);
  addFrontPage(service.app, view);
  addEvents(service, view);
}

function addMembers(app: WebService['app'], { book, store, analysis }: RegistryView): void {
  app.openapi(members, (context) => context.json({ members: book.members() }, 200));
  app.openapi(membersWithAnalysis, (context) => {
    const timestamp = Math.floor(store.now() / 1_000);
    return context.json({ members: book.members(), missing_analysis: analysis(), timestamp }, 200);
  });
  app.openapi(outages, (context) => context.json({ outages: book.outages() }, 200));
}

/** One path, for people and programs of the ring as JSON, for Prometheus as it asks for it. */
function addMetrics(app: WebService['app'], { book, metricsPage }: RegistryView): void {
  // What members have reported is of many shapes: it is described, and its type is not checked here.
  app.openAPIRegistry.registerPath(metrics);
  app.get(metrics.path, async (context) => {
    if (metricsFormat(context.req.query('format'), context.req.header('accept')) === 'prometheus') {
      const { type, text } = await metricsPage();
      return context.body(text, 200, { 'content-type': type });
    }
    const all = book.reports().map(({ id, metrics: reported }) => [id, reported] as const);
    return Response.json({ metrics: Object.fromEntries(all) } satisfies MetricsResponse);
  });
}

/** 503 while the shared store is away: the registry goes on with what it knows, but keeps nothing safely. */
function addHealth(app: WebService['app'], { store, version, offlineSince }: RegistryView): void {
  app.openapi(health, (context) => {
    const { kind, reachable, awaySince, unsynced, error } = store.health;
    const offline = offlineSince();
    const answer: RegistryHealth = {
      status: reachable ? 'healthy' : 'unhealthy',
      version,
      component: 'registry',
      timestamp: Date.now() / 1_000,
      members: store.count('member'),
      store: {
        kind,
        reachable,
        unsynced,
        ...(awaySince !== undefined && { away_since: Math.floor(awaySince / 1_000) }),
      },
      ...(offline !== undefined && { offline_since: Math.floor(offline / 1_000) }),
      ...(error !== undefined && { error }),
    };
    return context.json(answer, reachable ? 200 : 503);
  });
}

function addFrontPage(app: WebService['app'], { book, version }: RegistryView): void {
  app.get('/', (context) => context.html(renderFrontPage({ version, members: book.members() })));
}

function addEvents(service: WebService, { store }: RegistryView): void {
  const source = ringEvents(store);
  service.app.openAPIRegistry.registerPath(events);
  service.app.get(events.path, (context) => service.streamEvents(context, source, [{ event: 'hello', data: '{}' }]));
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

const outages = createRoute({
  method: 'get',
  path: '/outages',
  summary: 'When members were offline themselves, as they told afterwards',
  responses: { 200: jsonOf(outagesResponseSchema, 'Those of the last day, the latest last') },
});

const events = createRoute({
  method: 'get',
  path: '/events',
  summary: 'What changes, as server-sent events',
  responses: {
    200: {
      description: 'By collection: member, metrics, deregistered, outage. After `reset`, ask for everything again',
      content: { 'text/event-stream': { schema: z.string() } },
    },
    503: jsonOf(errorResponseSchema, 'Too many listen already'),
  },
});

const metrics = createRoute({
  method: 'get',
  path: '/metrics',
  summary: 'What each member reported last; for Prometheus, the metrics of the registry',
  request: { query: z.object({ format: z.enum(['json', 'prometheus']).optional() }) },
  responses: { 200: jsonOf(metricsResponseSchema, 'By the ids of the members') },
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
