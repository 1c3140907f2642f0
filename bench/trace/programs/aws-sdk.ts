import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { type Attempt, ServerError, servePlayer } from '../player.js';

/** How many attempts, and whether all operations share one client, and with it one budget of retries. */
const [maxAttempts = '3', clients = 'one client'] = process.argv.slice(2);

servePlayer(async ({ works }) => {
  const attempts = new Map<string, Attempt>();
  const open = () =>
    new S3Client({
      endpoint: 'http://192.0.2.1',
      region: 'us-east-1',
      credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
      forcePathStyle: true,
      maxAttempts: Number(maxAttempts),
      requestHandler: { handle: ({ path }: { path: string }) => answer(attempts.get(path.replaceAll('/', ''))) },
    });
  const pool = clients === 'one client' ? [open()] : works.map(open);
  // The first request of a client reads files for its configuration, which takes real time.
  await Promise.all(pool.map((client) => client.send(new HeadBucketCommand({ Bucket: 'first' }))));
  return {
    async retry(attempt) {
      const number = attempts.size;
      const bucket = `bench-${number}`;
      attempts.set(bucket, attempt);
      await pool[number % pool.length]?.send(new HeadBucketCommand({ Bucket: bucket }));
    },
  };
});

async function answer(attempt: Attempt | undefined): Promise<{ response: unknown }> {
  try {
    await attempt?.();
    return { response: { statusCode: 200, headers: {} } };
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    return { response: { statusCode: error.status, headers: {} } };
  }
}
