export { ControlMessages, ERROR_ORIGIN } from './control-messages.js';
export { openDeviceSocket } from './device-socket.js';
export {
  type EventSocket,
  type EventSocketHandlers,
  type EventSocketOptions,
  openEventSocket,
} from './event-socket.js';
export { type HandshakeSocket, openHandshake } from './handshake-socket.js';
export { KernelClock } from './kernel-clock.js';
export type { Libc } from './libc.js';
export { loadNative, type NativeSupport } from './load-native.js';
export { type Message, MessageBatch, type MessageBatchOptions } from './message-batch.js';
export { openPacketSocket, type PacketOptions, type PacketSocket, type PacketSocketOptions } from './packet-socket.js';
export { FAILED, openReadiness, READABLE, type Readiness, WRITABLE } from './readiness.js';
export { openRequestSocket, type RequestSocket } from './request-socket.js';
export { ADDRESS_OFFSET, socketAddress } from './socket-address.js';
export { type FilterInstruction, MOST_INSTRUCTIONS } from './socket-filter.js';
export { errnoName, SystemCallError } from './system-call-error.js';
export { decodeTcpInfo, readTcpInfo, type TcpInfo } from './tcp-info.js';
