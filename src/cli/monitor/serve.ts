import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What is served at a path. */
export interface Page {
  readonly status: number;
  readonly type: string;
  /** Bytes, so that a large page is not encoded anew for everyone who asks at the same time. */
  readonly body: Buffer;
}

/** The pages by their paths. */
export type Pages = Readonly<Record<string, () => Page | Promise<Page>>>;

/** Where to listen. */
export interface Listen {
  readonly host: string;
  readonly port: number;
}

/** What is served, until it is closed. */
export interface Served {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves pages over HTTP: to GET and HEAD only, with little patience for slow clients.
 *
 * @throws {Error} of `node:net` where it cannot listen.
 */
export async function serve(pages: Pages, { host, port }: Listen): Promise<Served> {
  const server = createServer(LIMITS, (request, response) => void answer(pages, request, response));
  server.maxConnections = MOST_CONNECTIONS;
  // A client that breaks off is no concern of ours, and one that speaks no HTTP is told so by Node.
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
  return { url: urlOf(server), close: () => close(server) };
}

/** Milliseconds and bytes: a scrape takes a fraction of that. */
const LIMITS = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 30_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 8_192,
};

const MOST_CONNECTIONS = 256;

/** Who does not read the answer is not waited for longer than this, in milliseconds. */
const SEND_TIMEOUT = 30_000;

async function answer(pages: Pages, request: IncomingMessage, response: ServerResponse): Promise<void> {
  // What comes as a body is not read.
  request.resume();
  response.setTimeout(SEND_TIMEOUT, () => response.destroy());
  const { status, type, body } = await pageFor(pages, request);
  response.writeHead(status, {
    'content-type': type,
    'content-length': body.length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(status === 405 && { allow: 'GET, HEAD' }),
    // The rest of a body that nobody wants would have to be read before the next request.
    ...(status === 405 && { connection: 'close' }),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

async function pageFor(pages: Pages, { method, url = '/' }: IncomingMessage): Promise<Page> {
  if (method !== 'GET' && method !== 'HEAD') return plain(405, 'only GET and HEAD');
  const path = url.split('?', 1)[0] ?? '';
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
  if (page === undefined) return plain(404, `there is ${Object.keys(pages).join(', ')}`);
  try {
    return await page();
  } catch {
    return plain(500, 'it could not be put together');
  }
}

export function plain(status: number, text: string): Page {
  return { status, type: 'text/plain; charset=utf-8', body: Buffer.from(`${text}\n`) };
}

export function json(status: number, value: unknown): Page {
  return { status, type: 'application/json', body: Buffer.from(`${JSON.stringify(value)}\n`) };
}

function urlOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') return '';
  const { address: host, family, port }: AddressInfo = address;
  return `http://${family === 'IPv6' ? `[${host}]` : host}:${port}`;
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
