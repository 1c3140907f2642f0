import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Holding, ServerOptions, TransferServer } from '../contract.js';
import { serveServer } from '../server-program.js';

/** Files that are appended to: GET tells the size so far, PATCH ?from=N appends. */
class AppendingServer implements TransferServer {
  #folder = '';
  #server: Server | undefined;

  async start({ port, folder }: ServerOptions): Promise<void> {
    this.#folder = folder;
    this.#server = createServer((request, response) => {
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
    const path = this.#path(name);
    const sha256 = existsSync(path)
      ? createHash('sha256')
          .update(await readFile(path))
          .digest('hex')
      : undefined;
    return { sha256, unfinished: [] };
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://server.test');
    const path = this.#path(pathname.slice(1));
    if (request.method === 'PATCH') {
      await pipeline(
        request,
        createWriteStream(path, { flags: existsSync(path) ? 'r+' : 'w', start: Number(searchParams.get('from')) }),
      );
    }
    response.end(String(existsSync(path) ? (await stat(path)).size : 0));
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }
}

export type PlainServer = typeof program;

const program = serveServer(new AppendingServer());
