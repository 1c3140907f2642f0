import { ExponentialBackoff, handleAll, retry } from 'cockatiel';
import { serveCaller } from '../caller.js';

/** As in its README. */
const policy = retry(handleAll, { maxAttempts: 3, backoff: new ExponentialBackoff() });

serveCaller(() => (operation) => policy.execute(operation));
