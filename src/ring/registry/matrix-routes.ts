import { createRoute } from '@hono/zod-openapi';
import { compress } from 'hono/compress';
import type { WebService } from '../../server/index.js';
import { jsonOf, shapeOf } from './json-parts.js';
import type { MatrixFeed } from './matrix-feed.js';
import type { RingSnapshot } from './matrix-shapes.js';

/** What the page shows. Of many members it is large, and half of it says the same. */
export function addMatrixRoutes(app: WebService['app'], feed: MatrixFeed): void {
  app.openAPIRegistry.registerPath(matrix);
  app.get(matrix.path, compress(), () => Response.json(feed.snapshot()));
}

const matrix = createRoute({
  method: 'get',
  path: '/matrix',
  summary: 'Members, the last results of each pair, outages and alerts, in short',
  responses: {
    200: jsonOf(shapeOf<RingSnapshot>(), 'All of it; `GET /events?view=matrix` tells what changes'),
  },
});
