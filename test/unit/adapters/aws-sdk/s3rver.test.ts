import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { networkAware, Upload } from '../../../../src/adapters/aws-sdk/index.js';
import { SimulatedNetwork } from '../../../../src/testing/index.js';
import { SILENT, until } from './support.js';

/** A server of others. It knows neither checksums nor ListParts nor AbortMultipartUpload, so what it says is less to go by. */
interface S3rver {
  run(): Promise<{ readonly port: number }>;
  close(): Promise<void>;
}

const network = new SimulatedNetwork();
let folder: string;
let server: S3rver;
let client: S3Client;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netpause-s3rver-'));
  // It has no types.
  const Server: new (options: object) => S3rver = createRequire(import.meta.url)('s3rver');
  server = new Server({ port: 0, address: '127.0.0.1', silent: true, directory: folder });
  const { port } = await server.run();
  client = new S3Client({
    ...networkAware(network, { interruptAfter: 20 }),
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
    forcePathStyle: true,
    logger: SILENT,
  });
  await client.send(new CreateBucketCommand({ Bucket: 'bucket' }));
});
afterAll(async () => {
  client.destroy();
  await server.close();
  await rm(folder, { recursive: true });
});

it.each([
  ['one PutObject', 1000],
  ['parts', 11 * 2 ** 20],
])('s3rver stores what is sent in %s, through an outage', async (_what, size) => {
  const content = randomBytes(size);
  network.down();
  const uploading = new Upload({ client, params: { Bucket: 'bucket', Key: 'k', Body: content } }).done();
  await until(() => network.waiters > 0);
  network.up();
  await uploading;
  const { Body } = await client.send(new GetObjectCommand({ Bucket: 'bucket', Key: 'k' }));
  const stored = await Body?.transformToByteArray();
  expect(sha256(stored ?? new Uint8Array())).toBe(sha256(content));
});

it('s3rver cannot tell which parts it has, so that an upload begins anew where another has ended', async () => {
  const content = randomBytes(11 * 2 ** 20);
  const file = join(folder, 'content.bin');
  await writeFile(file, content);
  const options = {
    client,
    params: { Bucket: 'bucket', Key: 'again', Body: { file } },
    stateFile: join(folder, 'state'),
  };
  const abortion = new AbortController();
  const ending = new Upload({ ...options, queueSize: 1, signal: abortion.signal });
  ending.on('httpUploadProgress', () => abortion.abort());
  await expect(ending.done()).rejects.toMatchObject({ name: 'AbortError' });
  expect(await new Upload(options).done()).toMatchObject({ partsSent: 3, partsKept: 0 });
  const { Body } = await client.send(new GetObjectCommand({ Bucket: 'bucket', Key: 'again' }));
  expect(sha256((await Body?.transformToByteArray()) ?? new Uint8Array())).toBe(sha256(content));
});

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
