import { createRoute, z } from '@hono/zod-openapi';
import type { WebService } from '../../server/index.js';
import { errorResponseSchema } from '../wire/index.js';
import { jsonOf } from './json-parts.js';
import type { BrokenPath, PathHistory } from './path-history.js';
import { Recent } from './recent.js';

/** `GET /path_outages`. Times are milliseconds since 1970, by the registry's clock. */
export interface PathOutagesAnswer {
  /** From when on all are known, save those of `left_out`. The registry keeps them in its memory, so that it is not before its start. */
  readonly since: number;
  /** How many are known, those that are told included. */
  readonly total: number;
  /** How many go on of which nothing is known but that, as there are too many at once. */
  readonly left_out: number;
  /** The latest last; those that go on are told before others. */
  readonly path_outages: readonly BrokenPath[];
}

const MOST_TOLD = 20_000;

/** When paths between members were broken. */
export function addPathHistoryRoutes(app: WebService['app'], history: PathHistory): void {
  const paths = new Recent(() => history.paths);
  app.openapi(pathOutages, (context) => {
    const { limit } = context.req.valid('query');
    const known = paths.value;
    const { since, leftOut } = history;
    const told = { since, total: known.length, left_out: leftOut, path_outages: latest(known, limit) };
    return context.json(told satisfies PathOutagesAnswer, 200);
  });
}

/** What goes on is told before what is over. */
function latest(paths: readonly BrokenPath[], limit: number): readonly BrokenPath[] {
  if (paths.length <= limit) return paths;
  const open = paths.filter(({ until }) => until === undefined).slice(-limit);
  const ended = paths.filter(({ until }) => until !== undefined);
  return [...ended.slice(ended.length - (limit - open.length)), ...open].sort((a, b) => a.from - b.from);
}

const brokenPathSchema = z
  .object({
    source: z.string(),
    source_location: z.string(),
    target: z.string(),
    target_location: z.string(),
    type: z.enum(['tcp', 'http', 'ping']),
    from: z.number(),
    until: z.number().optional(),
    end: z.enum(['healed', 'unknown']).optional(),
    failure_source: z.string().optional(),
    reason: z.string().optional(),
    target_heard_at: z.number().optional(),
  })
  .openapi('BrokenPath');

const pathOutagesSchema = z
  .object({
    since: z.number(),
    total: z.number(),
    left_out: z.number(),
    path_outages: z.array(brokenPathSchema).readonly(),
  })
  .openapi('PathOutages');

const pathOutages = createRoute({
  method: 'get',
  path: '/path_outages',
  summary: 'When paths between members were broken, as this registry has it since it started',
  request: { query: z.object({ limit: z.coerce.number().int().min(1).max(MOST_TOLD).default(2_000) }) },
  responses: {
    200: jsonOf(pathOutagesSchema, 'The latest ones, the latest last'),
    400: jsonOf(errorResponseSchema, 'No such limit'),
  },
});
