import pRetry from 'p-retry';
import { serveCaller } from '../caller.js';

serveCaller(() => (operation) => pRetry(operation));
