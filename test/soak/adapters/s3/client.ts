import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createReadStream } from 'node:fs';
import { ClientRequest } from 'node:http';
import { join } from 'node:path';
import { S3Client, type S3ClientConfig, type ServiceInputTypes, type ServiceOutputTypes } from '@aws-sdk/client-s3';
import { Upload as BareUpload } from '@aws-sdk/lib-storage';
import type { FinalizeRequestMiddleware } from '@smithy/types';
import { networkAware, Upload } from '../../../../src/adapters/aws-sdk/index.js';
import { TEST_CREDENTIALS } from '../../../fixtures/s3/index.js';
import { serveClient } from '../client-program.js';
import type { Tell, TransferOrder } from '../contract.js';
import { BUCKET } from './bucket.js';

// The SDK's advice on which Node to use would stand among the results.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

/** Both clients' default. */
const PART_SIZE = 5 * 2 ** 20;

serveClient({
  async netpause(order, { network, signal, tell }) {
    const client = makeClient(order, tell, {
      ...networkAware(network, {
        logger: ({ message, error }) => {
          if (message === 'attempt lost to the network') tell.failed({ spent: false, error: describe(error) });
        },
      }),
    });
    const upload = new Upload({
      client,
      params: { Bucket: BUCKET, Key: order.name, Body: { file: order.file } },
      stateFile: join(order.stateDir, 'upload.json'),
      signal,
    });
    upload.on('httpUploadProgress', ({ loaded }) => tell.stored(loaded));
    await whileTelling(tell, client, () => upload.done());
  },

  /** As the SDK's documentation has it: a stream, timeouts, since the defaults are none, and the retries of its standard mode. */
  async bare(order, { signal, tell }) {
    const client = makeClient(order, tell, {});
    const abortController = new AbortController();
    signal.addEventListener('abort', () => abortController.abort(), { once: true });
    const upload = new BareUpload({
      client,
      params: { Bucket: BUCKET, Key: order.name, Body: createReadStream(order.file) },
      abortController,
    });
    upload.on('httpUploadProgress', ({ loaded = 0 }) => tell.stored(loaded));
    await whileTelling(tell, client, () => upload.done());
  },
});

function makeClient({ host, port }: TransferOrder, tell: Tell, config: S3ClientConfig): S3Client {
  const client = new S3Client({
    endpoint: `http://${host}:${port}`,
    region: 'us-east-1',
    credentials: TEST_CREDENTIALS,
    forcePathStyle: true,
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 30_000, throwOnRequestTimeout: true },
    ...config,
  });
  // Beneath the SDK's retries: each failure that it sees is an attempt that it counts.
  const tellFailures: FinalizeRequestMiddleware<ServiceInputTypes, ServiceOutputTypes> = (next) => async (args) => {
    try {
      return await next(args);
    } catch (error) {
      tell.failed({ spent: true, error: describe(error) });
      throw error;
    }
  };
  client.middlewareStack.addRelativeTo(tellFailures, { relation: 'after', toMiddleware: 'retryMiddleware' });
  return client;
}

/** Tells of each part whenever its body is handed to the socket, and closes the client in the end. */
async function whileTelling(tell: Tell, client: S3Client, work: () => Promise<unknown>): Promise<void> {
  // Published when the body has been given; the SDK gives it only when the server has said 100 Continue.
  const onRequest = (message: unknown): void => {
    if (typeof message !== 'object' || message === null || !('request' in message)) return;
    const { request } = message;
    if (!(request instanceof ClientRequest)) return;
    const partNumber = Number(/[?&]partNumber=(\d+)/.exec(request.path)?.[1]);
    if (partNumber > 0) tell.moved((partNumber - 1) * PART_SIZE, Number(request.getHeader('content-length')));
  };
  subscribe('http.client.request.start', onRequest);
  try {
    await work();
  } finally {
    unsubscribe('http.client.request.start', onRequest);
    client.destroy();
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? `${error.code} ` : '';
  return `${code}${error.name}: ${error.message}`;
}
