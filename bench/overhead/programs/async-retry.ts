import retry from 'async-retry';
import { serveCaller } from '../caller.js';

serveCaller(() => (operation) => retry(operation));
