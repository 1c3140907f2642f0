import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { createRoute, z } from '@hono/zod-openapi';
import { type BandwidthHandler, createBandwidthHandler } from '../../probes/index.js';
import { WebService } from '../../server/index.js';
import type { MetricsPage } from '../metrics/index.js';
import type { ClaimVerdict, TestClaim } from '../plan/index.js';
import { VERSION } from '../version.js';
import { idSchema } from '../wire/index.js';
import type { AllowList } from './allow-list.js';
import { CLAIM_PATH } from './bandwidth-tests.js';
import type { MemberHealth } from './member-health.js';
import { type MemberSettings, OWNER } from './member-options.js';

/** What a member tells to whoever asks. */
export interface MemberView {
  readonly health: () => MemberHealth;
  readonly metricsPage: () => Promise<MetricsPage>;
  readonly judgeClaim: (claim: TestClaim) => ClaimVerdict;
}

/** The HTTP service of a member. It only tells, so that it needs no tokens wherever it listens. */
export interface MemberService {
  readonly web: WebService;
  close(): Promise<void>;
}

/** @throws {InvalidOptionError} */
export function createMemberService(settings: MemberSettings, view: MemberView, allowed: AllowList): MemberService {
  const { host, port, timetable, bandwidthTestSize } = settings;
  const web = new WebService(OWNER, { host, port, readOnly: true }, API);
  const bandwidth = createBandwidthHandler({
    // Who is served is judged below.
    allow: ['0.0.0.0/0', '::/0'],
    maxDuration: Math.max(SHORTEST_LEASE, timetable.slot),
    maxSize: Math.max(MOST_MEGABYTES, Math.ceil(bandwidthTestSize / 2 ** 20)),
  });
  addHealth(web, view);
  addMetrics(web, view);
  addBandwidth(web, view, bandwidth, allowed);
  return {
    web,
    async close() {
      bandwidth.close();
      await web.close();
    },
  };
}

const API = {
  title: 'Netring member',
  version: VERSION,
  description: 'Checks the other members of its ring, and is checked by them. Here one can only read.',
};

/** What a plain client gets at most, as Netring has it. */
const MOST_MEGABYTES = 10;
/** Milliseconds: what the handler takes. */
const SHORTEST_LEASE = 1_000;

function addHealth({ app }: WebService, { health }: MemberView): void {
  app.openapi(healthRoute, (context) => {
    const answer = health();
    return context.json(answer, answer.status === 'healthy' ? 200 : 503);
  });
}

/** All others in a large ring ask for the page, which takes long to make there: so it is kept for a while. */
function addMetrics({ app }: WebService, { metricsPage }: MemberView): void {
  let page: { readonly made: Promise<MadePage>; until: number } | undefined;
  app.get('/metrics', async () => {
    const begun = performance.now();
    if (page === undefined || begun >= page.until) {
      const next = { made: metricsPage().then(encoded), until: Number.POSITIVE_INFINITY };
      page = next;
      const keep = (): void => {
        const now = performance.now();
        next.until = now + Math.min(LONGEST_KEPT, Math.max(SHORTEST_KEPT, (now - begun) * SHARE));
      };
      next.made.then(keep, keep);
    }
    const { type, body } = await page.made;
    return new Response(body, { headers: { 'content-type': type } });
  });
}

interface MadePage {
  readonly type: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Once for all who ask for it: in a large ring it has megabytes. */
function encoded({ type, text }: MetricsPage): MadePage {
  return { type, body: new TextEncoder().encode(text) };
}

/** Milliseconds. */
const SHORTEST_KEPT = 500;
const LONGEST_KEPT = 10_000;
/** So many times as long as it takes to make: no more than a twentieth of the time goes into it. */
const SHARE = 20;

function addBandwidth({ app }: WebService, view: MemberView, handler: BandwidthHandler, allowed: AllowList): void {
  app.openapi(claimRoute, (context) => {
    const verdict = view.judgeClaim(context.req.valid('query'));
    if (verdict.isAllowed) return context.json({ until: verdict.until }, 200);
    return context.json({ error: `not now: ${verdict.reason}`, reason: verdict.reason }, 409);
  });
  app.get('/bandwidth_test', (context) => {
    const { incoming, outgoing } = context.env;
    const client = incoming.socket.remoteAddress ?? '';
    // Whoever may not be probed from here has no business to measure either; this host itself may.
    if (!allowed.allows(client) && !isOwn(client))
      return context.json({ error: 'this address is not allowed here' }, 403);
    // Escapes in a path, which the routes here see through, are not what it looks for.
    if (!handler.handle(incoming, outgoing)) return context.notFound();
    return new Response(null, { headers: RESPONSE_ALREADY_SENT.headers });
  });
}

function isOwn(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address);
}

/** An object whose shape is that of a type. */
function shapeOf<Shape extends object>() {
  return z.custom<Shape>().openapi({ type: 'object' });
}

function jsonOf<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { description, content: { 'application/json': { schema } } };
}

const healthRoute = createRoute({
  method: 'get',
  path: '/health',
  summary: 'How the member and each of its tasks are',
  responses: {
    200: jsonOf(shapeOf<MemberHealth>(), 'Healthy'),
    503: jsonOf(shapeOf<MemberHealth>(), 'A task gives no sign of life'),
  },
});

const claimRoute = createRoute({
  method: 'get',
  path: CLAIM_PATH,
  summary: 'Whether another member may make a bandwidth test now',
  request: {
    query: z.object({
      source: idSchema,
      version: z.string().regex(/^[\da-f]{1,64}$/),
      at: z.coerce.number().nonnegative(),
    }),
  },
  responses: {
    200: jsonOf(z.object({ until: z.number() }), 'It may, until then'),
    409: jsonOf(z.object({ error: z.string(), reason: z.string() }), 'It may not, and why'),
  },
});
