import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { register } from 'prom-client';
import { createRetryer, NetworkMonitor } from '../../src/index.js';
import { collectPrometheus } from '../../src/observe/index.js';

/** A service that fetches something every second, and shows Prometheus how the network and the fetching fare. */

const url = process.env['URL_TO_FETCH'] ?? 'https://example.com/';
const port = Number(process.env['PORT'] ?? 9464);
const checkHosts = process.env['CHECK_HOSTS']?.split(',');

const logger = { ...console, debug: () => {} };

const monitor = new NetworkMonitor({ logger, checkHosts });
await monitor.start();
const retryer = createRetryer({ network: monitor, logger, name: 'fetch', retries: 3 });
await collectPrometheus({ monitor, retryers: [retryer], operationLabels: 10 });

const server = createServer(async (_request, response) => {
  response.setHeader('content-type', register.contentType).end(await register.metrics());
});
server.listen(port, '127.0.0.1', () => console.log(`metrics: http://127.0.0.1:${portOf(server.address())}/metrics`));

const stopped = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.abort());

while (!stopped.signal.aborted) {
  await fetchOnce().catch((error: unknown) => console.error(String(error)));
  await pause(1_000);
}
server.close();
await monitor.stop();

function fetchOnce(): Promise<string> {
  return retryer.run(
    async (_attemptNumber, { signal }) => {
      const response = await fetch(url, { signal });
      return response.text();
    },
    { signal: stopped.signal },
  );
}

function pause(duration: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, duration);
    stopped.signal.addEventListener('abort', () => resolve(clearTimeout(timer)), { once: true });
  });
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : port;
}
