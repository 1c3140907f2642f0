import { isMainThread, type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { createRetryer } from '../../../src/index.js';
import { SharedNetwork } from '../../../src/service/index.js';

/** Work in another thread or process than the monitor's. It ends by itself: nothing of netpause is closed here. */

interface Settings {
  readonly task: 'work' | 'wait' | 'listen';
  readonly networkPort?: MessagePort;
}

const { task, networkPort }: Settings = isMainThread ? JSON.parse(process.env['SETTINGS'] ?? '{}') : workerData;
const network = new SharedNetwork(networkPort ?? process);
await network.ready();

if (task === 'work') await work();
if (task === 'wait') await wait();
if (task === 'listen') await listen();

/** An operation with one attempt, of which the first try fails when the test says so. */
async function work(): Promise<void> {
  let attempts = 0;
  const retryer = createRetryer({ network, retries: 0 });
  retryer.on('pause', ({ reason }) => tell(`pause ${reason}`));
  const answer = await retryer.run(async () => {
    attempts += 1;
    if (attempts > 1) return 'uploaded';
    tell('attempt');
    await nextMessage('fail');
    throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
  });
  tell(`settled: ${answer}, ${attempts} attempts`);
}

/** Until the network is not down. What it is then is the exit code, since there may be nobody left to tell. */
async function wait(): Promise<void> {
  tell(`waiting: ${network.state}`);
  await network.waitForNetwork();
  tell(`then: ${network.state}`);
  process.exitCode = network.state === 'unknown' ? 42 : 1;
}

/** A program that lives as long as it has a listener of its own on the channel. */
async function listen(): Promise<void> {
  tell('listening');
  await nextMessage('first');
  tell('still here');
  await nextMessage('second');
}

function tell(event: string): void {
  if (!isMainThread) parentPort?.postMessage(event);
  else if (process.connected) process.send?.(event);
}

function nextMessage(expected: string): Promise<void> {
  const channel: Messages = parentPort ?? process;
  return new Promise((resolve) => {
    const listen = (message: unknown): void => {
      // Messages of netpause pass here too, where the channel is that of processes.
      if (message !== expected) return;
      channel.off('message', listen);
      resolve();
    };
    channel.on('message', listen);
  });
}

interface Messages {
  on(event: 'message', listener: (message: unknown) => void): unknown;
  off(event: 'message', listener: (message: unknown) => void): unknown;
}
