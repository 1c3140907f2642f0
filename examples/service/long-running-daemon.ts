import { createServer } from 'node:http';
import { setTimeout as pass } from 'node:timers/promises';
import { createRetryer, NetworkMonitor, patient } from '../../src/index.js';
import { gracefulShutdown } from '../../src/service/index.js';
import { type ClientStage, play } from '../stage/index.js';

/**
 * A daemon that fetches jobs for as long as it lives, through an outage, and ends in good order at SIGTERM:
 *
 *     npx tsx examples/service/long-running-daemon.ts
 */
await play(import.meta.url, { port: 8080, server: { serve }, client: live });

async function live({ host, port, say, loseNetwork }: ClientStage): Promise<void> {
  const logger = (record: { readonly level: string; readonly message: string }): void => {
    if (record.level !== 'debug') say(`${record.level}: ${record.message}`);
  };
  const monitor = new NetworkMonitor({ ...patient.monitor, checkHosts: [host], checkPorts: [port], logger });
  await monitor.start();
  const shutdown = gracefulShutdown({ monitor, grace: 5_000 });
  const retryer = createRetryer({
    ...patient.retry,
    network: monitor.target(`${host}:${port}`),
    interruptAfter: 1_000,
    signal: shutdown.signal,
    name: 'fetch a job',
    logger,
  });

  let done = 0;
  const working = (async () => {
    while (!shutdown.stopping.aborted) {
      try {
        say(`did job ${await retryer.run((_attempt, { signal }) => fetchJob(`http://${host}:${port}/`, signal))}`);
        done += 1;
      } catch (error) {
        // Four retries were not enough, or it is time to end. A daemon goes on with the next round.
        say(`no job: ${error}`);
      }
      // What comes next is not asked for once the end has come.
      await pass(500, undefined, { signal: shutdown.stopping }).catch(() => {});
    }
  })();
  shutdown.drain(() => working);

  // The outage, and what a supervisor does in the end.
  await pass(1_200);
  await loseNetwork();
  while (done < 6) await pass(100);
  process.kill(process.pid, 'SIGTERM');
  say(`ended: ${await shutdown.done}, after ${done} jobs`);
}

async function fetchJob(url: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, { signal });
  if (!response.ok) throw Object.assign(new Error(`HTTP ${response.status}`), { status: response.status });
  return response.text();
}

function serve(): void {
  let jobs = 0;
  createServer((_request, response) => {
    jobs += 1;
    response.end(String(jobs));
  }).listen(8080);
}
