import pRetry from 'p-retry';
import { serveCaller } from '../caller.js';

/** As in its README. */
const options = { retries: 5 };

serveCaller(() => (operation) => pRetry(operation, options));
