import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Storage } from '@google-cloud/storage';
import { createRetryer, NetworkMonitor } from '../../src/index.js';
import { play } from '../stage/index.js';

const PORT = 4443;
const MIB = 2 ** 20;

/**
 * 8 MiB to Google Cloud Storage, while the cable is pulled. @google-cloud/storage needs Node 22 in its newest version, and runs on Node 20 in 7.
 *
 *     npm install @google-cloud/storage
 *     npx tsx examples/uploads/google-cloud-storage.js
 */
await play(import.meta.url, { port: PORT, rate: 40_000_000, server: { serve }, client: work });

async function work(stage) {
  const monitor = new NetworkMonitor({ checkHosts: [stage.host], checkPorts: [stage.port] });
  await monitor.start();
  try {
    await upload(monitor, stage);
  } finally {
    await monitor.stop();
  }
}

async function upload(monitor, { host, port, say, loseNetwork }) {
  const retryer = createRetryer({
    network: monitor.target(`${host}:${port}`),
    retries: 4,
    onPause: ({ reason }) => say(`waits for the network (${reason})`),
    onResume: () => say('goes on'),
  });
  retryer.on('failure', ({ spent, error }) => spent && say(`an attempt was spent: ${error}`));

  // Its own retries are off: they would count outages, and sit out their backoff when the network is back for long.
  const storage = new Storage({
    apiEndpoint: `http://${host}:${port}`,
    projectId: 'project',
    retryOptions: { autoRetry: false },
  });
  const object = storage.bucket('backups').file('disk.img');
  const folder = await mkdtemp(join(tmpdir(), 'netpause-gcs-'));
  const file = join(folder, 'disk.img');
  await writeFile(file, randomBytes(8 * MIB));
  let isLost = false;
  try {
    await uploadFile(retryer, file, object, (bytes) => {
      if (bytes < 3 * MIB || isLost) return;
      isLost = true;
      say(`${Math.round(bytes / MIB)} MiB are on their way`);
      void loseNetwork();
    });
    const [{ size }] = await object.getMetadata();
    say(`complete: the server has ${size / MIB} MiB`);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * A resumable upload. Each attempt asks the server how far the last one came; the library reads the file from its beginning and leaves out what is
 * there already, so that the checksum in the end is that of the whole.
 */
async function uploadFile(retryer, path, object, onBytes) {
  const [uri] = await retryer.run(() => object.createResumableUpload());
  await retryer.run((_attempt, { signal, progress }) => {
    const upload = object.createWriteStream({ uri, resumable: true, validation: 'md5' });
    upload.on('progress', ({ bytesWritten }) => {
      progress(bytesWritten);
      onBytes(bytesWritten);
    });
    return pipeline(createReadStream(path), upload, { signal });
  });
}

/** What of Google's JSON interface a resumable upload needs. */
function serve() {
  let content = Buffer.alloc(0);
  let isComplete = false;
  let writer;

  /** Whoever comes last writes: a connection that was given up may still bring something. */
  const write = async (request, from) => {
    writer = request;
    content = content.subarray(0, from);
    for await (const chunk of request) {
      if (writer !== request) return;
      content = Buffer.concat([content, chunk]);
    }
    isComplete = true;
  };
  const metadata = () =>
    JSON.stringify({ size: content.length, md5Hash: createHash('md5').update(content).digest('base64') });

  const server = createServer(async (request, response) => {
    if (request.method === 'POST') {
      return response.writeHead(200, { location: `http://${request.headers.host}/session` }).end();
    }
    const [, from] = /^bytes (\d+)-/.exec(request.headers['content-range'] ?? '') ?? [];
    if (from !== undefined) await write(request, Number(from)).catch(() => response.destroy());
    if (isComplete) response.writeHead(200, { 'content-type': 'application/json' }).end(metadata());
    else response.writeHead(308, content.length > 0 ? { range: `bytes=0-${content.length - 1}` } : {}).end();
  });
  server.listen(PORT);
}
