import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { networkAware, Upload } from '../src/adapters/aws-sdk/index.js';
import { NetworkMonitor } from '../src/index.js';
import { createS3Server, TEST_CREDENTIALS } from '../test/fixtures/s3/index.js';
import { type ClientStage, play } from './stage/index.js';

const PORT = 9000;
const MIB = 2 ** 20;
const CONTENT = 32 * MIB;

/**
 * 32 MiB to an S3 server, by the real AWS SDK, while the cable is pulled:
 *
 *     npx tsx examples/s3-upload.ts
 */
await play(import.meta.url, {
  port: PORT,
  rate: 80_000_000,
  server: { serve: () => void createS3Server({ host: '::', port: PORT }) },
  client: work,
});

async function work({ host, port, say, loseNetwork }: ClientStage): Promise<void> {
  await using monitor = new NetworkMonitor({ checkHosts: [host], checkPorts: [port] });
  await monitor.start();

  // All that a client needs to be network-aware is spread into its configuration.
  const client = new S3Client({
    ...networkAware(monitor, {
      onPause: ({ name, reason }) => say(`${name} waits for the network (${reason})`),
      onResume: ({ name }) => say(`${name} goes on`),
      logger: ({ message }) => message === 'attempt failed' && say('an attempt was spent'),
    }),
    endpoint: `http://${host}:${port}`,
    region: 'us-east-1',
    credentials: TEST_CREDENTIALS,
    forcePathStyle: true,
  });
  await client.send(new CreateBucketCommand({ Bucket: 'backups' }));

  const folder = await mkdtemp(join(tmpdir(), 'netpause-s3-'));
  const file = join(folder, 'db.tar');
  const content = randomBytes(CONTENT);
  await writeFile(file, content);
  try {
    const upload = new Upload({
      client,
      params: { Bucket: 'backups', Key: 'db.tar', Body: { file } },
      // With it, another process could go on where this one was killed.
      stateFile: join(folder, 'upload.json'),
    });
    let isLost = false;
    upload.on('httpUploadProgress', ({ part, loaded, total = 0 }) => {
      say(`part ${part} is stored, ${loaded / MIB} of ${total / MIB} MiB`);
      if (!isLost) void loseNetwork();
      isLost = true;
    });
    const { ETag, partsSent } = await upload.done();
    say(`complete: ${partsSent} parts were sent; ETag ${ETag}`);

    const { Body } = await client.send(new GetObjectCommand({ Bucket: 'backups', Key: 'db.tar' }));
    const stored = await Body?.transformToByteArray();
    say(sha256(stored) === sha256(content) ? 'the object is the same as the file' : 'the object is another');
  } finally {
    client.destroy();
    await rm(folder, { recursive: true });
  }
}

function sha256(bytes: Uint8Array = new Uint8Array()): string {
  return createHash('sha256').update(bytes).digest('hex');
}
