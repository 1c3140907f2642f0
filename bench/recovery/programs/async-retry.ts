import retry from 'async-retry';
import { serveWorker } from '../worker.js';

serveWorker(() => (attempt) => retry(() => attempt()));
