import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Holding, ServerOptions, TransferServer } from '../contract.js';
import { serveServer } from '../server-program.js';

/** One file over HTTP, with an ETag and ranges, as nginx serves it. */
class FileServer implements TransferServer {
  #content: ServerOptions['content'] = { file: '', name: '' };
  #server: Server | undefined;

  async start({ port, content }: ServerOptions): Promise<void> {
    this.#content = content;
    this.#server = createServer((request, response) => {
      // The client is gone, and with it the wish for an answer.
      this.#answer(request, response).catch(() => response.destroy());
    });
    this.#server.listen(port, '::');
    await once(this.#server, 'listening');
  }

  async stop(): Promise<void> {
    this.#server?.close();
    this.#server?.closeAllConnections();
  }

  async holding(name: string): Promise<Holding> {
    if (name !== this.#content.name) return { sha256: undefined, unfinished: [] };
    const hash = createHash('sha256');
    await pipeline(createReadStream(this.#content.file), hash);
    return { sha256: hash.digest('hex'), unfinished: [] };
  }

  async #answer({ url, headers }: IncomingMessage, response: ServerResponse): Promise<void> {
    const { file, name } = this.#content;
    if (url !== `/${name}`) {
      response.writeHead(404).end();
      return;
    }
    const { size, mtimeMs } = await stat(file);
    const etag = `"${size}-${Math.trunc(mtimeMs)}"`;
    const start = rangeStart(headers, etag);
    response.writeHead(start === undefined ? 200 : 206, {
      ETag: etag,
      'Accept-Ranges': 'bytes',
      'Content-Length': size - (start ?? 0),
      ...(start !== undefined && { 'Content-Range': `bytes ${start}-${size - 1}/${size}` }),
    });
    await pipeline(createReadStream(file, { start: start ?? 0 }), response);
  }
}

/** Where the range begins that was asked for, if it was asked for of this content. */
function rangeStart(headers: IncomingMessage['headers'], etag: string): number | undefined {
  const { range, 'if-range': ifRange = etag, 'if-match': ifMatch = etag } = headers;
  const [, start] = /^bytes=(\d+)-\d*$/.exec(range ?? '') ?? [];
  return start !== undefined && ifRange === etag && ifMatch === etag ? Number(start) : undefined;
}

export type HttpServerProgram = typeof program;

const program = serveServer(new FileServer());
