import type { Socket } from 'node:net';
import type { ProbeFailure } from '../result.js';

/** Is told what becomes of a stream. */
export interface StreamListener {
  /** It is connected. */
  started(socket: Socket): void;
  /** So many bytes have arrived, all in all. */
  progressed(total: number): void;
  /** All bytes that were to be moved have arrived. */
  finished(): void;
  failed(failure: ProbeFailure): void;
}

/** A stream that was opened. */
export interface Stream {
  /** Ends it at once; its listener may be told something still. */
  destroy(): void;
}

/** Opens a stream that moves so many bytes. */
export type OpenStream = (bytes: number, listener: StreamListener) => Stream;
