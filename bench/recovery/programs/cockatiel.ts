import { ExponentialBackoff, handleAll, retry } from 'cockatiel';
import { serveWorker } from '../worker.js';

/** Its README's way. It has no default for the number of attempts; these are enough for any outage here. */
const policy = retry(handleAll, { maxAttempts: 30, backoff: new ExponentialBackoff() });

serveWorker(() => (attempt) => policy.execute(({ signal }) => attempt(signal)));
