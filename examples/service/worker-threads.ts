import { once } from 'node:events';
import { isMainThread, MessageChannel, type MessagePort, Worker, workerData } from 'node:worker_threads';
import { createRetryer, NetworkMonitor } from '../../src/index.js';
import { SharedNetwork, shareNetwork } from '../../src/service/index.js';

/** One monitor in the main thread, and worker threads whose work it pauses and resumes. */

if (isMainThread) await main();
else await work();

async function main(): Promise<void> {
  await using monitor = new NetworkMonitor({ checkHosts: [] });
  await monitor.start();
  const workers = ['first', 'second'].map((name) => startWorker(monitor, name));
  await Promise.all(workers.map((worker) => once(worker, 'exit')));
}

function startWorker(monitor: NetworkMonitor, name: string): Worker {
  // A channel for this alone. It ends with the worker, and keeps it alive no longer than its work does.
  const { port1, port2 } = new MessageChannel();
  shareNetwork(monitor, port1);
  return new Worker(new URL(import.meta.url), { workerData: { name, networkPort: port2 }, transferList: [port2] });
}

async function work(): Promise<void> {
  const { name, networkPort }: { name: string; networkPort: MessagePort } = workerData;
  using network = new SharedNetwork(networkPort);
  await network.ready();
  const retryer = createRetryer({ network, retries: 3 });
  const answer = await retryer.run(async (attempt) => `attempt ${attempt} with the network ${network.state}`);
  console.log(`${name}: ${answer}`);
}
