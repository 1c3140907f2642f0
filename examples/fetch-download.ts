import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFetch, download } from '../src/adapters/fetch/index.js';
import { NetworkMonitor } from '../src/index.js';
import { type ClientStage, play } from './stage/index.js';

const MIB = 2 ** 20;
const SIZE = 8 * MIB;

/**
 * A request and a long download with Node's own fetch, and the cable is pulled in the midst of it:
 *
 *     npx tsx examples/fetch-download.ts
 */
await play(import.meta.url, { port: 8080, rate: 16_000_000, server: { serve }, client: work });

async function work({ host, port, say, loseNetwork }: ClientStage): Promise<void> {
  await using monitor = new NetworkMonitor({ checkHosts: [host], checkPorts: [port] });
  await monitor.start();
  const folder = await mkdtemp(join(tmpdir(), 'netpause-download-'));

  // Requests as ever, but they wait for the network instead of failing without it.
  const fetch = createFetch(monitor, { retries: 3 });
  const sha256 = await (await fetch(`http://${host}:${port}/file.sha256`)).text();
  say(`the file should have the SHA-256 ${sha256.slice(0, 16)}…`);

  let told = 0;
  const { bytes, verified } = await download(`http://${host}:${port}/file`, join(folder, 'file'), {
    network: monitor,
    sha256,
    onPause: ({ reason }) => say(`the download waits for the network (${reason})`),
    onFailedAttempt: ({ error }) => say(`an attempt was spent: ${error.message}`),
    onProgress: ({ received, total = SIZE }) => {
      if (received < told + 2 * MIB) return;
      told = received - (received % MIB);
      say(`${told / MIB} of ${total / MIB} MiB`);
      if (told === 4 * MIB) void loseNetwork();
    },
  });
  say(`complete: ${bytes / MIB} MiB, ${verified?.algorithm} verified`);
  await rm(folder, { recursive: true });
}

/** A file that knows ranges, and says by its ETag which content it is. */
function serve(): void {
  const content = randomBytes(SIZE);
  const sha256 = createHash('sha256').update(content).digest('hex');
  createServer(({ url, headers: { range } }, response) => {
    if (url === '/file.sha256') return response.end(sha256);
    const start = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
    response.writeHead(range === undefined ? 200 : 206, {
      ETag: `"${sha256}"`,
      'Content-Length': SIZE - start,
      ...(range !== undefined && { 'Content-Range': `bytes ${start}-${SIZE - 1}/${SIZE}` }),
    });
    return response.end(content.subarray(start));
  }).listen(8080);
}
