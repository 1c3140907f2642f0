import pRetry from 'p-retry';
import { serveWorker } from '../worker.js';

serveWorker(() => (attempt) => pRetry(() => attempt()));
