import { readdirSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';

const NATIVE = new URL('../../../native/index.ts', import.meta.url).href;

/** Opens sockets, closes one of them, and waits to be terminated. */
const PROGRAM = `
  const { parentPort } = require('node:worker_threads');
  import('tsx/esm/api').then(async ({ tsImport }) => {
    const { loadNative, openPacketSocket } = await tsImport(${JSON.stringify(NATIVE)}, ${JSON.stringify(import.meta.url)});
    const { libc } = await loadNative();
    const open = () => openPacketSocket(libc, { family: 4, type: 'datagram', protocol: 'udp' });
    open().close();
    for (let count = 0; count < 9; count += 1) open();
    parentPort.postMessage('open');
    setInterval(() => {}, 60_000);
  });
`;

const descriptors = () => readdirSync('/proc/self/fd').length;

it.runIf(process.platform === 'linux')('a socket of a worker that is terminated is closed', async () => {
  const cycle = async () => {
    const worker = new Worker(PROGRAM, { eval: true, execArgv: [] });
    await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    await worker.terminate();
  };
  await cycle();
  const before = descriptors();
  await cycle();
  expect(descriptors()).toBe(before);
});
