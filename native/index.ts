export {
  type EventSocket,
  type EventSocketHandlers,
  type EventSocketOptions,
  openEventSocket,
} from './event-socket.js';
export type { Libc } from './libc.js';
export { loadNative, type NativeSupport } from './load-native.js';
export { openRequestSocket, type RequestSocket } from './request-socket.js';
export { type FilterInstruction, MOST_INSTRUCTIONS } from './socket-filter.js';
export { errnoName, SystemCallError } from './system-call-error.js';
