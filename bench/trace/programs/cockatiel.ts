import { ExponentialBackoff, handleAll, retry } from 'cockatiel';
import { servePlayer } from '../player.js';

/** Its README's policy, with its 3 attempts or more. */
servePlayer(() => {
  const policy = retry(handleAll, { maxAttempts: Number(process.argv[2]), backoff: new ExponentialBackoff() });
  return { retry: (attempt) => policy.execute(({ signal }) => attempt(signal)) };
});
