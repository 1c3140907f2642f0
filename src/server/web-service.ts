import { setMaxListeners } from 'node:events';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { formatEndpoint } from '../names/index.js';
import { renderApiDocs } from './api-docs.js';
import { ClientRates } from './client-rates.js';
import { type EventSource, type StreamedEvent, streamEvents } from './event-stream.js';
import { type ResolvedServiceOptions, resolveServiceOptions, type WebServiceOptions } from './service-options.js';
import { TokenGate } from './token-gate.js';

/** What the service tells of its API. */
export interface ApiInfo {
  readonly title: string;
  readonly version: string;
  readonly description: string;
  /** Whether a path may be read by everybody, `readTokens` or not: of the files of a page, which hold no data. @default none */
  readonly isPublic?: ((path: string) => boolean) | undefined;
}

/** What Hono's handlers get of Node.js. */
export type ServiceEnvironment = { Bindings: HttpBindings };

/** Where a service listens. */
export interface Listening {
  /** `'http://127.0.0.1:8756'` */
  readonly url: string;
  /** The address. */
  readonly host: string;
  /** The port. */
  readonly port: number;
}

/**
 * An HTTP service: routes are added to {@link app}, and everything around them is taken care of: tokens, limits, errors as JSON, a description
 * at `/docs`.
 *
 * @example
 * const service = new WebService('createRegistry', { port: 8756 }, { title: 'Ring', version: '1', description: '' });
 * service.app.get('/health', (context) => context.json({ status: 'healthy' }));
 * const { url } = await service.listen();
 */
export class WebService {
  /** Routes of its own are added here, before {@link listen}. */
  readonly app: OpenAPIHono<ServiceEnvironment>;
  readonly #options: ResolvedServiceOptions;
  readonly #closing = new AbortController();
  #server: Server | undefined;
  #closed: Promise<void> | undefined;
  #listeners = 0;

  /**
   * @param owner whose complaint it is, in errors.
   * @throws {InvalidOptionError}
   */
  constructor(owner: string, options: WebServiceOptions, { isPublic = () => false, ...api }: ApiInfo) {
    this.#options = resolveServiceOptions(owner, options);
    // Each who listens to events waits for it.
    setMaxListeners(0, this.#closing.signal);
    this.app = new OpenAPIHono<ServiceEnvironment>({
      defaultHook: (result, context) =>
        result.success ? undefined : context.json({ error: problemsOf(result.error.issues) }, 400),
    });
    this.app.use(securityHeaders, rateLimit(this.#options), access(this.#options, isPublic));
    this.app.use(limitBody(this.#options.maxBody));
    this.app.notFound((context) => context.json({ error: `there is no ${context.req.path}; see /docs` }, 404));
    this.app.onError((error, context) => {
      if (error instanceof SyntaxError) return context.json({ error: 'the body is no JSON' }, 400);
      if (error instanceof HTTPException) return context.json({ error: error.message }, error.status);
      return context.json({ error: 'the service failed to answer this' }, 500);
    });
    const document = { openapi: '3.1.0', info: { ...api } };
    this.app.doc31(DOCUMENT_PATH, document);
    this.app.get('/docs', (context) =>
      context.html(renderApiDocs({ ...this.app.getOpenAPI31Document(document), info: api }, DOCUMENT_PATH)),
    );
  }

  /** Aborts when the service closes: what streams ends then. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /**
   * Server-sent events to one listener, until it goes or the service closes. Where too many listen already, 503.
   *
   * @param first what a listener is told to begin with.
   */
  streamEvents(context: Context, source: EventSource, first: readonly StreamedEvent[] = []): Response {
    if (context.req.method === 'HEAD') return context.body(null, 200, { 'content-type': 'text/event-stream' });
    if (this.#listeners >= MOST_LISTENERS) {
      return context.json({ error: 'too many listen already' }, 503, { 'retry-after': '60' });
    }
    this.#listeners += 1;
    const onEnd = (): void => {
      this.#listeners -= 1;
    };
    return streamEvents(context, { source, first, signal: this.closing, onEnd });
  }

  /** @throws {Error} of `node:net` where it cannot listen. */
  async listen(): Promise<Listening> {
    const { host, port, tls } = this.#options;
    const server = serverFor(this.app, tls);
    server.maxConnections = MOST_CONNECTIONS;
    server.setTimeout(LONGEST_SILENCE);
    // A client that breaks off is no concern of ours.
    server.on('clientError', (_error, socket) => socket.destroy());
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        server.off('error', reject);
        // A connection that cannot be accepted, for want of memory say, concerns nobody else (accept(2)).
        server.on('error', () => {});
        resolve();
      });
    });
    this.#server = server;
    return listeningOf(server, tls === undefined ? 'http' : 'https');
  }

  /** Answers what has been asked, for a second at most, and nothing more. May be called again. */
  async close(): Promise<void> {
    this.#closing.abort();
    if (this.#server !== undefined) this.#closed ??= this.#drain(this.#server);
    await this.#closed;
  }

  async #drain(server: Server): Promise<void> {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    const force = setTimeout(() => server.closeAllConnections(), LAST_ANSWERS);
    await closed;
    clearTimeout(force);
  }
}

const DOCUMENT_PATH = '/docs/openapi.json';
const CLOSES = { connection: 'close' };
const MOST_CONNECTIONS = 4_096;
/** So that those who only listen leave connections for those who have something to say. */
const MOST_LISTENERS = 1_000;
/** Milliseconds. */
const LAST_ANSWERS = 1_000;
/** Milliseconds after which a client is dropped that takes nothing of its answer; who listens to events has some every 15 seconds. */
const LONGEST_SILENCE = 120_000;

/** Milliseconds and bytes. */
const LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 75_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16_384,
};

function serverFor(app: OpenAPIHono<ServiceEnvironment>, tls: WebServiceOptions['tls']): Server {
  // The globals of the process that this is part of stay what they are.
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  if (tls === undefined) return createHttpServer(LIMITS, listener);
  return createHttpsServer({ ...LIMITS, ...tls, minVersion: 'TLSv1.2' }, listener);
}

function listeningOf(server: Server, scheme: string): Listening {
  const address = server.address();
  const { address: host, port }: Pick<AddressInfo, 'address' | 'port'> =
    typeof address === 'object' && address !== null ? address : { address: '', port: 0 };
  return { url: `${scheme}://${formatEndpoint({ host, port })}`, host, port };
}

/** Nothing that is served needs anything of another host, and no page may frame it. */
const securityHeaders: MiddlewareHandler = async (context, next) => {
  await next();
  const { headers } = context.res;
  headers.set('x-content-type-options', 'nosniff');
  headers.set('referrer-policy', 'no-referrer');
  if (!headers.has('cache-control')) headers.set('cache-control', 'no-store');
  if (!headers.has('content-security-policy')) headers.set('content-security-policy', POLICY);
};

const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

function rateLimit({ rate }: ResolvedServiceOptions): MiddlewareHandler<ServiceEnvironment> {
  const rates = new ClientRates(rate);
  return async (context, next) => {
    const wait = rates.take(context.env.incoming.socket.remoteAddress ?? '');
    if (wait === 0) return next();
    return context.json({ error: 'too many requests' }, 429, { 'retry-after': `${Math.ceil(wait)}` });
  };
}

/** What says how long it is, is not longer (RFC 9112, section 6.3). The rest is counted as it comes, by way of web streams, which costs several times as much. */
function limitBody(maxSize: number): MiddlewareHandler<ServiceEnvironment> {
  const refuse = (context: Context): Response =>
    context.json({ error: `the body may have ${maxSize} bytes at most` }, 413, CLOSES);
  const count = bodyLimit({ maxSize, onError: refuse });
  return async (context, next) => {
    const { 'transfer-encoding': encoding, 'content-length': length = '0' } = context.env.incoming.headers;
    if (encoding !== undefined) return count(context, next);
    return Number(length) > maxSize ? refuse(context) : next();
  };
}

/** Who may read, and who may change what the service knows. */
function access(
  options: ResolvedServiceOptions,
  isPublic: (path: string) => boolean,
): MiddlewareHandler<ServiceEnvironment> {
  const { tokens, readTokens, readOnly, isLoopback } = options;
  const writers = tokens === undefined ? undefined : new TokenGate(tokens);
  const readers = readTokens === undefined ? undefined : new TokenGate(readTokens);
  return async (context, next) => {
    const { method } = context.req;
    const isReading = method === 'GET' || method === 'HEAD';
    if (readOnly && !isReading) {
      return context.json({ error: 'here one can only read' }, 405, { allow: 'GET, HEAD', ...CLOSES });
    }
    const authorization = context.req.header('authorization');
    const isOpen = isReading ? readers === undefined : writers === undefined;
    if (
      isOpen &&
      isLoopback &&
      isFromAnotherSite(context.req.header('host'), context.req.header('origin'), isReading)
    ) {
      return context.json({ error: 'pages of other sites are not served' }, 403);
    }
    const mayPass =
      isOpen ||
      (isReading && isPublic(context.req.path)) ||
      writers?.admits(authorization) === true ||
      (isReading && readers?.admits(authorization) === true);
    if (mayPass) return next();
    return context.json({ error: 'a valid bearer token is needed' }, 401, {
      'www-authenticate': 'Bearer',
      ...(isReading ? {} : CLOSES),
    });
  };
}

/**
 * Whether it is a page in the browser of somebody on this machine that asks: by a name of its own for the loopback address (DNS rebinding), or
 * by writing to what is none of its site.
 */
function isFromAnotherSite(host: string | undefined, origin: string | undefined, isReading: boolean): boolean {
  const name = /^(\[[^\]]*\]|[^:]*)/.exec(host ?? '')?.[1] ?? '';
  const isByName = name !== '' && name !== 'localhost' && !/^\[[\da-f:.]*\]$|^[\d.]+$/i.test(name);
  if (isByName) return true;
  return !isReading && origin !== undefined && new URL(URL.canParse(origin) ? origin : 'null:').host !== host;
}

interface Problem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** What is wrong where, and no more than a sentence of it. */
function problemsOf(problems: readonly Problem[]): string {
  const shown = problems.slice(0, MOST_PROBLEMS).map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
  return shown.join('; ').slice(0, LONGEST_ERROR);
}

const MOST_PROBLEMS = 5;
const LONGEST_ERROR = 500;
