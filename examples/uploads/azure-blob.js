import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { BlobServiceClient, newPipeline } from '@azure/storage-blob';
import { createRetryer, NetworkMonitor } from '../../src/index.js';
import { play } from '../stage/index.js';

const PORT = 10_000;
const MIB = 2 ** 20;

/**
 * 8 MiB to Azure Blob Storage, while the cable is pulled. @azure/storage-blob needs Node 22 in its newest version, and Node 20 in 12.32.
 *
 *     npm install @azure/storage-blob
 *     npx tsx examples/uploads/azure-blob.js
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
    // A refusal stays one.
    shouldRetry: ({ error }) => !(error.statusCode >= 400 && error.statusCode < 500),
    onPause: ({ reason }) => say(`a request waits for the network (${reason})`),
    onResume: () => say('a request goes on'),
  });
  retryer.on('failure', ({ spent, error }) => spent && say(`an attempt was spent: ${error}`));

  // Without a credential, for this server; yours goes in the place of `undefined`.
  const service = new BlobServiceClient(`http://${host}:${port}/account`, networkAware(retryer, undefined));
  const blob = service.getContainerClient('backups').getBlockBlobClient('disk.img');
  const content = randomBytes(8 * MIB);
  let isLost = false;
  await blob.uploadData(content, {
    blockSize: MIB,
    maxSingleShotSize: MIB,
    concurrency: 2,
    onProgress: ({ loadedBytes }) => {
      if (loadedBytes < 3 * MIB || isLost) return;
      isLost = true;
      say(`${Math.round(loadedBytes / MIB)} MiB are there`);
      void loseNetwork();
    },
  });
  const { contentLength, contentMD5 } = await blob.getProperties();
  const isEqual = createHash('md5').update(content).digest().equals(Buffer.from(contentMD5));
  say(`complete: the server has ${contentLength / MIB} MiB, ${isEqual ? 'the same' : 'BUT NOT THE SAME'}`);
}

/**
 * A pipeline whose every request goes through the retryer. The SDK's own retries are off: they would stand beneath and count outages. Blocks of
 * a buffer or a file can be sent again; a stream that was given to `upload()` cannot, neither by the SDK nor here.
 */
function networkAware(retryer, credential) {
  const pipeline = newPipeline(credential, { retryOptions: { maxTries: 1 } });
  pipeline.factories.push({
    create: (next) => ({
      sendRequest(request) {
        const given = request.abortSignal;
        return retryer.run(
          (_attempt, { signal }) => {
            request.abortSignal = signal;
            return next.sendRequest(request);
          },
          { signal: given },
        );
      },
    }),
  });
  return pipeline;
}

/** What of Azure's REST interface an upload in blocks needs: Put Block, Put Block List, Get Blob Properties. */
function serve() {
  const blocks = new Map();
  let blob = Buffer.alloc(0);
  const server = createServer(async (request, response) => {
    const { searchParams } = new URL(request.url, 'http://server');
    const body = Buffer.concat(await request.toArray().catch(() => []));
    const isWhole = body.length === Number(request.headers['content-length'] ?? 0);
    if (request.method === 'HEAD') {
      const headers = { 'content-length': blob.length, 'content-md5': createHash('md5').update(blob).digest('base64') };
      response.writeHead(200, headers).end();
    } else if (isWhole && searchParams.get('comp') === 'block') {
      blocks.set(searchParams.get('blockid'), body);
      response.writeHead(201).end();
    } else if (isWhole && searchParams.get('comp') === 'blocklist') {
      const ids = [...body.toString().matchAll(/<Latest>([^<]+)<\/Latest>/g)].map(([, id]) => id);
      blob = Buffer.concat(ids.map((id) => blocks.get(id)));
      response.writeHead(201).end();
    } else response.writeHead(400).end();
  });
  server.listen(PORT);
}
