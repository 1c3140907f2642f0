export { onAbort, orAborted, throwIfAborted } from './abort.js';
export { type EventChannels, publish } from './channels.js';
export { KeepAlive } from './keep-alive.js';
export { callSafely, SafeEmitter } from './safe-emitter.js';
