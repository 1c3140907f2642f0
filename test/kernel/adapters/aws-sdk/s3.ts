import { createHash } from 'node:crypto';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { createS3Server, type Operation, type S3Server } from '../../../fixtures/s3/index.js';
import { serveActor } from '../../../lab/index.js';
import { BUCKET } from './bucket.js';

/** What the server has of one key. */
export interface Holding {
  readonly sha256: string | undefined;
  /** How its uploads are: open, completed or aborted. */
  readonly uploads: readonly string[];
  /** How often each part has arrived whole, by its number. */
  readonly partsReceived: readonly (readonly [number: number, times: number])[];
  /** Bytes of parts that have come in, whole or not. */
  readonly partBytes: number;
}

let server: S3Server | undefined;
let release = (): void => {};

/** The strict S3 server in a host of its own. */
const actor = serveActor(() => ({
  /** @returns the port. */
  async start(address: string): Promise<number> {
    server = await createS3Server({ host: address });
    const client = new S3Client(server.clientConfig);
    await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
    client.destroy();
    return server.port;
  },
  holdNextAnswer(operation: Operation): void {
    release = server?.holdNextAnswer({ operation }) ?? release;
  },
  releaseAnswer(): void {
    release();
  },
  holding(key: string): Holding {
    const object = server?.object(BUCKET, key);
    const uploads = server?.uploads.filter((upload) => upload.key === key) ?? [];
    return {
      sha256: object && sha256(object.body),
      uploads: uploads.map(({ state }) => state),
      partsReceived: uploads.flatMap(({ partsReceived }) => [...partsReceived]).sort(([a], [b]) => a - b),
      partBytes: uploads.reduce((sum, { partBytesReceived }) => sum + partBytesReceived, 0),
    };
  },
}));

export type S3 = typeof actor;

function sha256(pieces: readonly Buffer[]): string {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}
