import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pass } from 'node:timers/promises';
import express from 'express';
import { register } from 'prom-client';
import { createRetryer, NetworkMonitor } from '../../src/index.js';
import { collectPrometheus } from '../../src/observe/index.js';
import { livenessHandler, readinessHandler } from '../../src/service/index.js';
import { type ClientStage, play } from '../stage/index.js';

/**
 * An Express service with health endpoints and Prometheus metrics, asked before, during and after an outage of its network:
 *
 *     npx tsx examples/service/health-endpoint.ts
 */
await play(import.meta.url, { port: 8080, server: { serve: serveUpstream }, client: work });

async function work({ host, port, say, loseNetwork }: ClientStage): Promise<void> {
  const upstream = `${host}:${port}`;
  await using monitor = new NetworkMonitor({ checkHosts: [host], checkPorts: [port] });
  await monitor.start();
  const retryer = createRetryer({ network: monitor.target(upstream), retries: 3, name: 'upstream' });
  const detach = await collectPrometheus({ monitor, retryers: [retryer], operationLabels: 10 });

  const app = express();
  // Alive as long as it answers at all: no orchestrator should restart it because a cable is out.
  app.get('/livez', livenessHandler(monitor));
  // Not ready while it could not do its work.
  app.get('/readyz', readinessHandler(monitor));
  app.get('/metrics', async (_request, response) => {
    response.type(register.contentType).send(await register.metrics());
  });
  app.get('/', async (_request, response) => {
    const text = await retryer.run(async (_attempt, { signal }) => {
      return (await fetch(`http://${upstream}/`, { signal })).text();
    });
    response.send(text);
  });
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const own = `http://127.0.0.1:${portOf(server.address())}`;

  const tell = async (when: string): Promise<void> => {
    const [livez, readyz, metrics] = await Promise.all(
      ['livez', 'readyz', 'metrics'].map((path) => fetch(`${own}/${path}`)),
    );
    const paused = /^netpause_operations_paused\{.*\} (\d+)$/m.exec((await metrics?.text()) ?? '')?.[1] ?? '0';
    say(`${when}: livez ${livez?.status}, readyz ${readyz?.status}, ${paused} operations paused`);
  };
  await tell('before the outage');
  await loseNetwork();
  while (monitor.state !== 'down') await pass(10);
  const answer = fetch(own);
  await pass(500);
  await tell('during it');
  say(`the request that came in during it: ${await (await answer).text()}`);
  await tell('after it');

  detach();
  server.close();
  server.closeAllConnections();
}

function portOf(address: AddressInfo | string | null): number {
  if (typeof address !== 'object' || address === null) throw new Error('it does not listen on a port');
  return address.port;
}

function serveUpstream(): void {
  createServer((_request, response) => response.end('hello from upstream')).listen(8080);
}
