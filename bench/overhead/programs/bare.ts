import { serveCaller } from '../caller.js';

serveCaller(() => (operation) => operation());
