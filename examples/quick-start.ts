import { createServer } from 'node:http';
import { createRetryer, NetworkMonitor } from '../src/index.js';
import { type ClientStage, play } from './stage/index.js';

/**
 * Requests that are made again and again, while the cable is pulled:
 *
 *     npx tsx examples/quick-start.ts
 */
await play(import.meta.url, { port: 8080, server: { serve }, client: work });

async function work({ host, port, say, loseNetwork }: ClientStage): Promise<void> {
  // Watches the network: by the kernel's word, and by whether somebody answers who does so whenever your work could be done.
  await using monitor = new NetworkMonitor({ checkHosts: [host], checkPorts: [port] });
  await monitor.start();
  monitor.on('state', ({ from, to, reason }) => say(`the network was ${from} and is ${to} (${reason})`));

  // p-retry's options, and p-retry's meaning, but that outages take none of the three retries.
  const retryer = createRetryer({ network: monitor, retries: 3 });
  retryer.on('pause', () => say('the request waits'));
  retryer.on('failure', ({ error, spent }) => say(`an attempt failed (${error}), ${spent ? 'spent' : 'not spent'}`));

  for (let number = 1; number <= 5; number += 1) {
    const answer = retryer.run(async (_attempt, { signal }) => {
      // Hand the signal on: over a dead link the request would hang for a quarter of an hour.
      const response = await fetch(`http://${host}:${port}/${number}`, { signal });
      if (!response.ok) throw Object.assign(new Error(`HTTP ${response.status}`), { status: response.status });
      return response.text();
    });
    if (number === 3) await loseNetwork();
    say(await answer);
  }
}

/** Answers after a quarter of a second. */
function serve(): void {
  createServer((request, response) => {
    setTimeout(() => response.end(`the answer to ${request.url}`), 250);
  }).listen(8080);
}
