import pRetry from 'p-retry';
import { servePlayer } from '../player.js';

servePlayer(() => ({ retry: (attempt) => pRetry(() => attempt()) }));
