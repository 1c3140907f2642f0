import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { serveActor } from '../../../test/lab/actor/serve.js';

/** What every registry in Node.js has to do at least: `node:http`, `JSON.parse` of what comes, and a map of it. It checks nothing and forgets nothing. */
const members = new Map<unknown, object>();
const reports = new Map<unknown, object>();

const server = createServer({ keepAliveTimeout: 75_000 }, async (request, response) => {
  const said = request.method === 'POST' ? JSON.parse(await text(request)) : {};
  if (request.url === '/register') members.set(said.instance_id, { ...said, status: 'active' });
  if (request.url === '/report_metrics') reports.set(said.instance_id, said.metrics);
  const answer = request.url === '/members' ? { members: [...members.values()] } : { status: 'ok' };
  response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
});

serveActor(() => ({
  async listen(): Promise<number> {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port }: AddressInfo = Object(server.address());
    return port;
  },
}));
