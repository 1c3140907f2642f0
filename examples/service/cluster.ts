import cluster from 'node:cluster';
import { createServer } from 'node:http';
import { NetworkMonitor } from '../../src/index.js';
import { gracefulShutdown, readinessHandler, SharedNetwork, shareNetwork } from '../../src/service/index.js';

/** One monitor in the primary, and workers that know what it knows. */

if (cluster.isPrimary) await primary();
else worker();

async function primary(): Promise<void> {
  const monitor = new NetworkMonitor({ checkHosts: [] });
  await monitor.start();
  // Whenever one is forked, also in place of one that died.
  cluster.on('fork', (forked) => shareNetwork(monitor, forked));
  cluster.on('listening', (_worker, { port }) => console.log(`listening ${port}`));
  for (let count = 0; count < 2; count += 1) cluster.fork();

  const shutdown = gracefulShutdown({ monitor });
  // Ends the workers' servers, and with them the workers.
  shutdown.drain(() => new Promise<void>((resolve) => cluster.disconnect(resolve)));
  console.log(`ended: ${await shutdown.done}`);
}

function worker(): void {
  // The terminal sends Ctrl-C to all processes; the primary says when it is time to end.
  process.on('SIGINT', () => {});
  const network = new SharedNetwork(process);
  createServer(readinessHandler(network)).listen(Number(process.env['PORT'] ?? 8080), '127.0.0.1');
}
