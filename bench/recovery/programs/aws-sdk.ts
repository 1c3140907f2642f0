import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { type Attempt, serveWorker } from '../worker.js';

/** By default it gives up after three attempts, within half a second. These are enough for most outages here. */
const MAX_ATTEMPTS = 10;

/** A client for each piece of work: they would share one budget of retries otherwise, and run out of it together. */
serveWorker((server) => (attempt) => {
  const client = new S3Client({
    endpoint: server,
    region: 'us-east-1',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
    forcePathStyle: true,
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: new NotedHandler(attempt),
  });
  return client.send(new HeadBucketCommand({ Bucket: 'bench' }));
});

/** Its own attempts, each noted as it starts: the attempt's outcome is that of the exchange before it goes on with its own. */
class NotedHandler extends NodeHttpHandler {
  readonly #attempt: Attempt;

  constructor(attempt: Attempt) {
    super();
    this.#attempt = attempt;
  }

  override async handle(...args: Parameters<NodeHttpHandler['handle']>): ReturnType<NodeHttpHandler['handle']> {
    await this.#attempt();
    return super.handle(...args);
  }
}
