import { createRoute, z } from '@hono/zod-openapi';
import type { WebService } from '../../server/index.js';
import type { RecordStore } from '../../store/index.js';
import {
  errorResponseSchema,
  type MembersResponse,
  membersResponseSchema,
  metricsResponseSchema,
  outagesResponseSchema,
} from '../wire/index.js';
import { addDashboardRoutes } from './dashboard-routes.js';
import { ringEvents } from './event-feed.js';
import { renderFrontPage } from './front-page.js';
import { jsonOf, shapeOf } from './json-parts.js';
import { MatrixFeed } from './matrix-feed.js';
import { addMatrixRoutes } from './matrix-routes.js';
import { MembersAnswer } from './members-answer.js';
import { metricsAnswer } from './metrics-answer.js';
import { metricsFormat } from './metrics-format.js';
import type { MissingAnalysis } from './missing-analysis.js';
import { reportedMetrics } from './reported-metrics.js';
import type { RingBook } from './ring-book.js';
import { addTopologyRoutes } from './topology-routes.js';

/** What the registry tells, and of whom it knows it. */
export interface RegistryView {
  readonly book: RingBook;
  /** Where members and reports are kept. */
  readonly store: RecordStore;
  /** The version of its software. */
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
  /** Who is missing. */
  readonly missing_analysis: MissingAnalysis;
  /** When it was told. */
  readonly timestamp: number;
}

/** `GET /health`; times in seconds since 1970. */
export interface RegistryHealth {
  /** `'unhealthy'` while the shared store cannot be reached. */
  readonly status: 'healthy' | 'unhealthy';
  /** The version of its software. */
  readonly version: string;
  /** What this is. */
  readonly component: 'registry';
  /** When it was told. */
  readonly timestamp: number;
  /** How many members are there. */
  readonly members: number;
  /** Where members and reports are kept. */
  readonly store: {
    /** Of what kind it is. */
    readonly kind: 'memory' | 'redis';
    /** Whether it answers. */
    readonly reachable: boolean;
    /** Writes that the shared store does not know yet. */
    readonly unsynced: number;
    /** Since when it has not. */
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
  addDashboardRoutes(service.app);
  addPlainPage(service.app, view);
  const feed = new MatrixFeed(view);
  addMatrixRoutes(service.app, feed);
  addEvents(service, view, feed);
}

function addMembers(app: WebService['app'], { book, store, analysis }: RegistryView): void {
  const answer = new MembersAnswer(book, store);
  // It is text already: it is described, and its type is not checked here.
  app.openAPIRegistry.registerPath(members);
  app.get(members.path, (context) => context.body(answer.body, 200, { 'content-type': 'application/json' }));
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
    const answer = metricsAnswer(reportedMetrics(book.reports()));
    return context.body(answer, 200, { 'content-type': 'application/json' });
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

/** For whoever has no scripts. */
function addPlainPage(app: WebService['app'], { book, version }: RegistryView): void {
  app.get('/plain', (context) => context.html(renderFrontPage({ version, members: book.members() })));
}

function addEvents(service: WebService, { store }: RegistryView, feed: MatrixFeed): void {
  const source = ringEvents(store);
  service.app.openAPIRegistry.registerPath(events);
  service.app.get(events.path, (context) => {
    const heard = context.req.query('view') === 'matrix' ? feed.source : source;
    return service.streamEvents(context, heard, [{ event: 'hello', data: '{}' }]);
  });
}

const members = createRoute({
  method: 'get',
  path: '/members',
  summary: 'Who is there, and who has left not long ago',
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
  responses: { 200: jsonOf(outagesResponseSchema, 'Those that are remembered, the latest last') },
});

const events = createRoute({
  method: 'get',
  path: '/events',
  summary: 'What changes, as server-sent events',
  request: { query: z.object({ view: z.enum(['matrix']).optional() }) },
  responses: {
    200: {
      description:
        'By collection: member, metrics, deregistered, outage; of `view=matrix`, `change`. After `reset`, ask for everything again',
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
