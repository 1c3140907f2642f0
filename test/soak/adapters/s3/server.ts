import { createHash } from 'node:crypto';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { createS3Server, type S3Server } from '../../../fixtures/s3/index.js';
import type { Holding, ServerOptions, TransferServer } from '../contract.js';
import { serveServer } from '../server-program.js';
import { BUCKET } from './bucket.js';

/** The strict S3 fixture, with one bucket. It is stopped and started with all that it holds. */
class S3 implements TransferServer {
  #server: S3Server | undefined;

  async start({ port }: ServerOptions): Promise<void> {
    if (this.#server !== undefined) return this.#server.start();
    this.#server = await createS3Server({ host: '::', port });
    const client = new S3Client({ ...this.#server.clientConfig, endpoint: `http://127.0.0.1:${port}` });
    await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
    client.destroy();
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
  }

  async holding(name: string): Promise<Holding> {
    const object = this.#server?.object(BUCKET, name);
    const open = this.#server?.uploads.filter(({ key, state }) => key === name && state === 'open') ?? [];
    return {
      sha256: object && sha256(object.body),
      unfinished: open.map(({ id, parts }) => `multipart upload ${id} with ${parts.size} parts`),
    };
  }
}

export type S3SoakServer = typeof program;

const program = serveServer(new S3());

function sha256(pieces: readonly Buffer[]): string {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}
