import { createHash } from 'node:crypto';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { createS3Server } from '../../test/fixtures/s3/index.js';
import { UPLOAD } from './settings.js';
import type { Received } from './stage.js';

/** An S3 server with an empty bucket, and its own record of what came in. */
export interface S3Host extends AsyncDisposable {
  readonly port: number;
  received(key: string): Received;
}

export async function startS3(host: string): Promise<S3Host> {
  const server = await createS3Server({ host });
  const client = new S3Client(server.clientConfig);
  await client.send(new CreateBucketCommand({ Bucket: UPLOAD.bucket }));
  client.destroy();
  return {
    port: server.port,
    received(key) {
      const object = server.object(UPLOAD.bucket, key);
      const partBytes = server.uploads
        .filter((upload) => upload.key === key)
        .reduce((sum, upload) => sum + upload.partBytesReceived, 0);
      return {
        sha256: object && sha256(object.body),
        sentAgain: Math.max(0, partBytes - UPLOAD.bytes),
      };
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
}

function sha256(pieces: readonly Buffer[]): string {
  const hash = createHash('sha256');
  for (const piece of pieces) {
    hash.update(piece);
  }
  return hash.digest('hex');
}
