export {
  type EventSocket,
  type EventSocketHandlers,
  type EventSocketOptions,
  openEventSocket,
} from './event-socket.js';
export { type Libc, loadNative, type NativeSupport } from './libc.js';
export { openRequestSocket, type RequestSocket } from './request-socket.js';
export { errnoName, SystemCallError } from './system-call-error.js';
