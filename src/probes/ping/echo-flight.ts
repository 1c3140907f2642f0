import type { EchoSeries } from './echo-series.js';

/** A series on its way: to whom, and by which numbers its requests are known. */
export interface EchoFlight {
  readonly series: EchoSeries;
  /** The target's address, 4 or 16 bytes, and as a socket address. */
  readonly ip: Uint8Array;
  readonly to: Uint8Array;
  readonly payloadSize: number;
  /** The sequence number of each request. */
  readonly sequences: Uint16Array;
  /** What has come may have been the last that was waited for. */
  onProgress(): void;
}
