import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { createFetch, download } from '../src/adapters/fetch/index.js';
import { NetworkMonitor } from '../src/index.js';
import { type ClientStage, play } from './stage/index.js';

const MIB = 2 ** 20;

/**
 * The export of a virtual machine, as from a vCenter: a task is started once, polled until it is done, and its disks are downloaded. The cable is
 * pulled while the first disk comes:
 *
 *     npx tsx examples/vcenter-export.ts
 */
await play(import.meta.url, { port: 8443, rate: 16_000_000, server: { serve }, client: work });

interface Task {
  readonly state: 'running' | 'success';
  readonly disks: readonly { readonly name: string; readonly size: number; readonly sha256: string }[];
}

async function work({ host, port, say, loseNetwork }: ClientStage): Promise<void> {
  const vcenter = `http://${host}:${port}`;
  await using monitor = new NetworkMonitor({ checkHosts: [host], checkPorts: [port] });
  await monitor.start();
  const fetch = createFetch(monitor, { retries: 5 });
  const folder = await mkdtemp(join(tmpdir(), 'netpause-export-'));

  // A POST is not repeated once it was sent, or there could be two exports; by its key the server would know the second as the first.
  const started = await fetch(`${vcenter}/export`, { method: 'POST', headers: { 'Idempotency-Key': 'vm-42-nightly' } });
  const { task } = asObject(await started.json());
  say(`the export is task ${task}`);

  const { disks } = await untilDone(() => fetch(`${vcenter}/tasks/${task}`));
  say(`the task is done, with ${disks.length} disks`);

  let isLost = false;
  for (const { name, sha256 } of disks) {
    const { bytes } = await download(`${vcenter}/disks/${name}`, join(folder, name), {
      network: monitor,
      sha256,
      // What the network has no part in is tried again as often as this; each byte that comes gives all tries back.
      retries: 5,
      onPause: ({ reason }) => say(`the export of ${name} waits for the network (${reason})`),
      onFailedAttempt: ({ error }) => say(`an attempt was spent: ${error.message}`),
      onProgress: ({ received }) => {
        if (isLost || received < 2 * MIB) return;
        isLost = true;
        void loseNetwork();
      },
    });
    say(`${name}: ${bytes / MIB} MiB, verified`);
  }
  say('the export is complete');
  await rm(folder, { recursive: true });
}

async function untilDone(ask: () => Promise<Response>): Promise<Task> {
  for (;;) {
    const task = asTask(await (await ask()).json());
    if (task.state === 'success') return task;
    await pass(200);
  }
}

/** What it sends is what this example's own server makes. */
function asTask(json: unknown): Task {
  if (!isTask(json)) throw new Error('this is no task');
  return json;
}

function isTask(json: unknown): json is Task {
  return typeof json === 'object' && json !== null && 'state' in json && 'disks' in json;
}

function asObject(json: unknown): Readonly<Record<string, unknown>> {
  return Object(json);
}

/** A vCenter in forty lines: the export takes half a second, and the disks know ranges. */
function serve(): void {
  const contents = new Map([
    ['disk-0.vmdk', randomBytes(6 * MIB)],
    ['disk-1.vmdk', randomBytes(1 * MIB)],
  ]);
  const disks = [...contents].map(([name, content]) => ({ name, size: content.length, sha256: hashOf(content) }));
  let readyAt = Number.POSITIVE_INFINITY;
  createServer(({ method, url = '', headers: { range } }, response) => {
    const content = contents.get(url.replace('/disks/', ''));
    if (method === 'POST') {
      readyAt = Math.min(readyAt, performance.now() + 500);
      response.end('{"task":"task-1"}');
    } else if (url === '/tasks/task-1') {
      response.end(
        JSON.stringify(performance.now() < readyAt ? { state: 'running', disks: [] } : { state: 'success', disks }),
      );
    } else if (content === undefined) {
      response.writeHead(404).end();
    } else {
      const start = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
      response.writeHead(range === undefined ? 200 : 206, {
        ETag: `"${hashOf(content)}"`,
        'Content-Length': content.length - start,
        ...(range !== undefined && { 'Content-Range': `bytes ${start}-${content.length - 1}/${content.length}` }),
      });
      response.end(content.subarray(start));
    }
  }).listen(8443);
}

function hashOf(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
