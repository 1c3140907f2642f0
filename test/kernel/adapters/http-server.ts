import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type Emit, serveActor } from '../../lab/index.js';

interface HttpServerEvents {
  asked: { readonly method: string; readonly path: string; readonly range: string | undefined };
}

const content = randomBytes(8 * 1024 * 1024);
const held: ServerResponse[] = [];
let isHolding = false;

/** `/file` is a file with an ETag and ranges; everything else is answered by its path, at once or when the test says so. */
const server = serveActor((emit: Emit<HttpServerEvents>) => ({
  async listen(port: number): Promise<void> {
    const http = createServer(({ method = '', url = '', headers: { range } }, response) => {
      emit('asked', { method, path: url, range });
      if (url === '/file') giveFile(response, range);
      else if (isHolding) held.push(response);
      else response.end(url);
    });
    http.listen({ port, host: '::' });
    await once(http, 'listening');
  },

  hold(): void {
    isHolding = true;
  },

  release(): void {
    isHolding = false;
    for (const response of held.splice(0)) response.end('late');
  },

  sha256: () => createHash('sha256').update(content).digest('hex'),
}));

function giveFile(response: ServerResponse, range: string | undefined): void {
  const start = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
  response.writeHead(range === undefined ? 200 : 206, {
    ETag: '"v1"',
    'Content-Length': content.length - start,
    ...(range !== undefined && { 'Content-Range': `bytes ${start}-${content.length - 1}/${content.length}` }),
  });
  response.end(content.subarray(start));
}

export type HttpServerActor = typeof server;
