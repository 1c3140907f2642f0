import type { ProbeResult } from '../result.js';
import type { TcpSummary } from './tcp-tally.js';
import type { Throughput } from './throughput.js';

/** What was measured in one direction. Of a test that failed midway, it is what was measured until then. */
export interface DirectionFacts extends Throughput {
  /** TCP connections that carried bytes. */
  readonly streams: number;
  /** Why it ended: its time was over, a stream had had its share of the bytes, or something went wrong. */
  readonly endedBy: 'duration' | 'bytes' | 'failure';
  /**
   * What the sender's kernel told of its connections. Of an upload, that is this host's; of a download, it is what the server says. Absent where
   * that kernel could not be asked.
   */
  readonly tcp?: TcpSummary;
}

/** What a bandwidth test learnt. */
export interface BandwidthFacts {
  /** The interface that it went over, or the local address where no interface has that. Absent where it did not come to that. */
  readonly link?: string;
  /** Absent where it was not asked for, or did not come to that. */
  readonly download?: DirectionFacts;
  /** Absent where it was not asked for, or did not come to that. */
  readonly upload?: DirectionFacts;
  /** Where the server was busy to the end: in how many milliseconds it is worth asking again, as it says. */
  readonly retryAfter?: number;
}

/**
 * How long the parts of a bandwidth test took. `turn` is the wait for other tests: those of this process over the same interface, and those
 * that the server made with others. `lease` is how long the server took to say yes, or no at last.
 */
export type BandwidthPhase = 'resolve' | 'connect' | 'turn' | 'lease' | 'download' | 'upload';

/** What {@link probeBandwidth} resolves to. Its one sample is the time that the handshake took, before there was any load. */
export type BandwidthResult = ProbeResult<BandwidthFacts, BandwidthPhase>;
