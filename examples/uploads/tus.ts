import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileStore } from '@tus/file-store';
import { Server } from '@tus/server';
import { DetailedError, Upload } from 'tus-js-client';
import { AbortError, createRetryer, NetworkMonitor, type Retryer } from '../../src/index.js';
import { type ClientStage, play } from '../stage/index.js';

const PORT = 1080;
const MIB = 2 ** 20;

/**
 * 8 MiB to a tus server, while the cable is pulled:
 *
 *     npx tsx examples/uploads/tus.ts
 */
await play(import.meta.url, { port: PORT, rate: 40_000_000, server: { serve }, client: work });

async function work({ host, port, say, loseNetwork }: ClientStage): Promise<void> {
  await using monitor = new NetworkMonitor({ checkHosts: [host], checkPorts: [port] });
  await monitor.start();
  const retryer = createRetryer({
    network: monitor.target(`${host}:${port}`),
    retries: 3,
    onPause: ({ reason }) => say(`waits for the network (${reason})`),
    onResume: () => say('goes on'),
  });
  retryer.on('failure', ({ spent, error }) => spent && say(`an attempt was spent: ${error}`));

  const state = await mkdtemp(join(tmpdir(), 'netpause-tus-'));
  const file = join(state, 'file');
  await writeFile(file, randomBytes(8 * MIB));
  let isLost = false;
  try {
    const url = await uploadFile(retryer, file, `http://${host}:${port}/files`, (accepted) => {
      say(`${accepted / MIB} MiB are there`);
      if (accepted < 3 * MIB || isLost) return;
      isLost = true;
      void loseNetwork();
    });
    const response = await fetch(url, { method: 'HEAD', headers: { 'Tus-Resumable': '1.0.0' } });
    say(`complete: the server has ${Number(response.headers.get('upload-offset')) / MIB} MiB`);
  } finally {
    await rm(state, { recursive: true });
  }
}

/**
 * Uploads by tus. Its own retries are off: they would count outages, and sit out their backoff when the network is back for long. Each attempt asks
 * the server how far the last one came, and goes on there.
 */
function uploadFile(
  retryer: Retryer,
  path: string,
  endpoint: string,
  onAccepted: (bytes: number) => void,
): Promise<string> {
  let uploadUrl: string | null = null;
  return retryer.run(
    (_attempt, { signal, progress }) =>
      new Promise((resolve, reject) => {
        const upload = new Upload(createReadStream(path), {
          endpoint,
          uploadUrl,
          retryDelays: null,
          chunkSize: MIB,
          onUploadUrlAvailable: () => {
            uploadUrl = upload.url;
          },
          onChunkComplete: (_size, accepted) => {
            // What the server has acknowledged gives the upload its retries back.
            progress(accepted);
            onAccepted(accepted);
          },
          onError: (error) => reject(failureOf(error)),
          onSuccess: () => resolve(upload.url ?? endpoint),
        });
        signal.addEventListener('abort', () => upload.abort().finally(() => reject(signal.reason)), { once: true });
        upload.start();
      }),
  );
}

/** tus has its own names for what was behind an error. */
function failureOf(error: Error): Error {
  if (!(error instanceof DetailedError)) return error;
  const status = error.originalResponse?.getStatus();
  const cause = error.causingError ?? undefined;
  // As tus itself decides: of the 4xx only a conflict and a lock, which pass.
  const isFinal = status !== undefined && status >= 400 && status < 500 && status !== 409 && status !== 423;
  return isFinal ? new AbortError(error) : Object.assign(error, { cause, ...(status !== undefined && { status }) });
}

function serve(directory: string): void {
  const tus = new Server({ path: '/files', datastore: new FileStore({ directory }) });
  createServer((request, response) => void tus.handle(request, response)).listen(PORT);
}
