import { createRoute } from '@hono/zod-openapi';
import type { WebService } from '../../server/index.js';
import {
  deregisterResponseSchema,
  errorResponseSchema,
  instanceRequestSchema,
  okResponseSchema,
  registerRequestSchema,
  registerResponseSchema,
  reportRequestSchema,
} from '../wire/index.js';
import { jsonBody, jsonOf } from './json-parts.js';
import type { RingBook } from './ring-book.js';

/** Seconds after which a member delivers again what could not be kept, or tries again to join a ring that is full. */
const SOON = { 'retry-after': '5' };
const LATER = { 'retry-after': '60' };

/** What members say to the registry. */
export function addMemberRoutes(app: WebService['app'], book: RingBook): void {
  app.openapi(register, async (context) => {
    const id = await book.register(context.req.valid('json'));
    if (id === undefined) return context.json({ error: 'the ring is full' }, 503, LATER);
    return context.json({ instance_id: id, status: 'registered', reads_checks: true } as const, 200);
  });
  app.openapi(heartbeat, async (context) => {
    const isKnown = await book.heartbeat(context.req.valid('json').instance_id);
    return isKnown ? context.json({ status: 'ok' } as const, 200) : context.json({ error: 'member not found' }, 404);
  });
  app.openapi(deregister, async (context) => {
    await book.deregister(context.req.valid('json').instance_id);
    return context.json({ status: 'deregistered' } as const, 200);
  });
  app.openapi(report, async (context) => {
    switch (await book.report(context.req.valid('json'))) {
      case 'kept':
        return context.json({ status: 'ok' } as const, 200);
      case 'unknown member':
        return context.json({ error: 'member not found' }, 404);
      case 'not kept yet':
        return context.json({ error: 'the store is away: deliver it again' }, 503, SOON);
      case 'no room':
        return context.json({ error: 'the registry has no room for it: deliver it again later' }, 503, LATER);
    }
  });
}

const register = createRoute({
  method: 'post',
  path: '/register',
  summary: 'Joins the ring',
  request: jsonBody(registerRequestSchema),
  responses: {
    200: jsonOf(registerResponseSchema, 'The id by which the member is known'),
    503: jsonOf(errorResponseSchema, 'The ring is full'),
  },
});

const heartbeat = createRoute({
  method: 'post',
  path: '/heartbeat',
  summary: 'Says that a member is there',
  request: jsonBody(instanceRequestSchema),
  responses: {
    200: jsonOf(okResponseSchema, 'Noted'),
    404: jsonOf(errorResponseSchema, 'Nobody is known by that id: register (again)'),
  },
});

const deregister = createRoute({
  method: 'post',
  path: '/deregister',
  summary: 'Leaves the ring',
  request: jsonBody(instanceRequestSchema),
  responses: { 200: jsonOf(deregisterResponseSchema, 'Noted') },
});

const report = createRoute({
  method: 'post',
  path: '/report_metrics',
  summary: 'Tells what a member has found',
  request: jsonBody(reportRequestSchema),
  responses: {
    200: jsonOf(okResponseSchema, 'Kept, as safely as the store can'),
    404: jsonOf(errorResponseSchema, 'Nobody is known by that id: register (again)'),
    503: jsonOf(errorResponseSchema, 'Shown, but not kept safely yet, or no room for it: deliver it again'),
  },
});
