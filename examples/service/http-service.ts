import { createServer } from 'node:http';
import { createRetryer, NetworkMonitor } from '../../src/index.js';
import { gracefulShutdown, livenessHandler, readinessHandler } from '../../src/service/index.js';

/** An HTTP service that fetches on behalf of its clients, tells its orchestrator how it is, and ends in good order at SIGTERM. */

const monitor = new NetworkMonitor({ checkHosts: process.env['CHECK_HOSTS']?.split(',') ?? [] });
await monitor.start();

const shutdown = gracefulShutdown({ monitor, grace: 5_000 });
// What has not come to its end when the grace is over is aborted.
const retryer = createRetryer({ network: monitor, retries: 3, signal: shutdown.signal });

const livez = livenessHandler(monitor);
const readyz = readinessHandler(monitor, { stopping: shutdown.stopping });

const server = createServer(async (request, response) => {
  if (request.url === '/livez') return livez(request, response);
  if (request.url === '/readyz') return readyz(request, response);
  try {
    const body = await retryer.run((_attempt, { signal }) => fetchUpstream(signal));
    response.writeHead(200, connection());
    response.end(body);
  } catch {
    response.writeHead(502, connection()).end();
  }
});

/** Once the service ends, a connection that is kept for a next request would only hold that up. */
function connection(): { Connection?: 'close' } {
  return shutdown.stopping.aborted ? { Connection: 'close' } : {};
}

// No new connections; the requests that are under way are waited for.
shutdown.drain(() => new Promise((resolve) => server.close(resolve)));

server.listen(Number(process.env['PORT'] ?? 8080), '127.0.0.1', () => {
  console.log(`listening ${JSON.stringify(server.address())}`);
});

console.log(`ended: ${await shutdown.done}`);

async function fetchUpstream(signal: AbortSignal): Promise<string> {
  const response = await fetch(process.env['UPSTREAM'] ?? 'http://127.0.0.1:9/', { signal });
  if (!response.ok) {
    const { status, headers } = response;
    throw Object.assign(new Error(`HTTP ${status}`), { status, headers });
  }
  return response.text();
}
