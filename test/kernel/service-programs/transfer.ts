import { once } from 'node:events';
import { connect } from 'node:net';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { createRetryer, retryReport } from '../../../src/index.js';
import { SharedNetwork } from '../../../src/service/index.js';

/** Work in a worker thread that has one attempt: a line sent, and its echo. */

interface Settings {
  readonly networkPort: MessagePort;
  readonly address: string;
  readonly port: number;
  readonly message: string;
}

const { networkPort, address, port, message }: Settings = workerData;
const network = new SharedNetwork(networkPort).target(`${address}:${port}`);
const retryer = createRetryer({ network, retries: 0, interruptAfter: 100 });
retryer.on('attempt', () => parentPort?.postMessage({ name: 'attempt' }));
retryer.on('failure', ({ spent }) => parentPort?.postMessage({ name: spent ? 'spent' : 'repeated' }));
retryer.on('pause', ({ reason }) => parentPort?.postMessage({ name: 'pause', text: reason }));

try {
  const reply = await retryer.run((_attempt, { signal }) => ask(signal));
  parentPort?.postMessage({ name: 'settled', text: reply });
} catch (error) {
  parentPort?.postMessage({ name: 'settled', text: `${error} ${JSON.stringify(retryReport(error))}` });
}

async function ask(signal: AbortSignal): Promise<string> {
  const socket = connect({ host: address, port, signal });
  try {
    await once(socket, 'connect');
    socket.write(`${message}\n`);
    const [reply] = await once(socket, 'data', { signal });
    return String(reply).trim();
  } finally {
    socket.destroy();
  }
}
