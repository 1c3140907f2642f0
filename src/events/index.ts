export { callSafely, SafeEmitter } from './safe-emitter.js';
