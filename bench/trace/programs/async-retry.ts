import retry from 'async-retry';
import { servePlayer } from '../player.js';

servePlayer(() => ({ retry: (attempt) => retry(() => attempt()) }));
