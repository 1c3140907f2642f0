import { S3Client } from '@aws-sdk/client-s3';
import { networkAware, Upload } from '../../../../src/adapters/aws-sdk/index.js';
import { NetworkMonitor, type NetworkReason } from '../../../../src/monitor/index.js';
import { TEST_CREDENTIALS } from '../../../fixtures/s3/index.js';
import { type Emit, serveActor } from '../../../lab/index.js';
import { BUCKET } from './bucket.js';

interface UploaderEvents {
  pause: { readonly reason: NetworkReason | undefined };
  progress: { readonly part: number };
  /** An attempt failed that the SDK or the upload has counted. */
  spent: { readonly error: string };
  settled: Settled;
}

type Settled =
  | { readonly ok: true; readonly etag: string | undefined; readonly partsSent: number; readonly partsKept: number }
  | { readonly ok: false; readonly error: string };

interface Order {
  readonly address: string;
  readonly port: number;
  readonly key: string;
  readonly file: string;
  readonly stateFile?: string;
}

/** One upload of a file, in a process of its own. It may be killed. */
const actor = serveActor((emit: Emit<UploaderEvents>) => ({
  async begin({ address, port, key, file, stateFile }: Order): Promise<void> {
    const network = new NetworkMonitor({
      checkHosts: [address],
      checkPorts: [port],
      checkInterval: 500,
      checkTimeout: 500,
    });
    await network.start();
    const client = new S3Client({
      ...networkAware(network, {
        interruptAfter: 200,
        onPause: ({ reason }) => emit('pause', { reason }),
        logger: ({ message, error }) => {
          if (message === 'attempt failed') emit('spent', { error: String(error) });
        },
      }),
      endpoint: `http://${address}:${port}`,
      region: 'us-east-1',
      credentials: TEST_CREDENTIALS,
      forcePathStyle: true,
      maxAttempts: 1,
    });
    const upload = new Upload({
      client,
      params: { Bucket: BUCKET, Key: key, Body: { file } },
      ...(stateFile !== undefined && { stateFile }),
      // So that much is left to be done when the first part is stored.
      queueSize: 2,
      // An outage that costs an attempt fails the upload.
      retries: 0,
    });
    upload.on('httpUploadProgress', ({ part }) => emit('progress', { part }));
    void upload
      .done()
      .then(
        ({ ETag, partsSent, partsKept }): Settled => ({ ok: true, etag: ETag, partsSent, partsKept }),
        (error): Settled => ({ ok: false, error: String(error) }),
      )
      .then(async (settled) => {
        client.destroy();
        await network.stop();
        emit('settled', settled);
      });
  },
}));

export type Uploader = typeof actor;
