export { onAbort, orAborted, throwIfAborted } from './abort.js';
export { type EventChannels, publish } from './channels.js';
export { KeepAlive } from './keep-alive.js';
export { type LinkedSignal, linkSignals } from './linked-signal.js';
export { callSafely, SafeEmitter } from './safe-emitter.js';
