import { once } from 'node:events';
import { createServer } from 'node:http';
import { serveActor } from '../../../test/lab/actor/serve.js';

/** Answers every request at once. */
const server = serveActor(() => ({
  async listen(port: number): Promise<void> {
    const http = createServer((_request, response) => response.end());
    http.listen(port);
    await once(http, 'listening');
  },
}));

export type Server = typeof server;
