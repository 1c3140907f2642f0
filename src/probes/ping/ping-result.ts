import type { ProbeResult } from '../result.js';
import type { RttStatistics } from './rtt-statistics.js';

/**
 * How it was asked: by ICMP over a datagram socket, which needs no privilege but a permission of the system; over a raw socket; or by TCP
 * handshakes, where that was asked for and ICMP is not permitted.
 */
export type PingMethod = 'icmp-datagram' | 'icmp-raw' | 'tcp';

/** An ICMP error that came for one or several of the requests. */
export interface PingError {
  /** Who sent it; absent where this host's own kernel refused. */
  readonly from?: string;
  /** Its type, by the numbers of ICMP or ICMPv6. */
  readonly type: number;
  /** Its code, by the numbers of ICMP or ICMPv6: what it means depends on the type. */
  readonly code: number;
  /** What that means: `'host-unreachable'`, `'ttl-exceeded'`, `'prohibited'`, `'too-big'`. */
  readonly meaning: string;
  /** Of `'too-big'`: the largest packet that would pass there, in bytes. */
  readonly mtu?: number;
  /** How many came. */
  readonly count: number;
}

/** What a ping learnt. Times are in milliseconds. */
export interface PingFacts {
  /** By which packets it was asked. */
  readonly method: PingMethod;
  /** Requests that were sent. What had no time to be answered, because the probe as a whole took too long, is not counted. */
  readonly sent: number;
  /** Requests that were answered in time. */
  readonly received: number;
  /** Which fraction of the requests was not answered in time, 0 to 1. */
  readonly loss: number;
  /** Replies to what had been answered already. */
  readonly duplicates: number;
  /** Replies that came after one to a later request (RFC 4737 section 3). */
  readonly reordered: number;
  /** Bytes of data in each request. */
  readonly payloadSize: number;
  /** Absent where nothing was answered. */
  readonly rtt?: RttStatistics;
  /** The interarrival jitter of RFC 3550 section 6.4.1; absent with fewer than two replies. */
  readonly jitter?: number;
  /** Time to live, or hop limit, that the replies came with; several where they came by different ways. At most 16. */
  readonly replyTtls: readonly number[];
  /** Who measured when replies came: the kernel, to the microsecond, or this process, when it got round to it. */
  readonly clock: 'kernel' | 'process';
  /** ICMP errors, at most 16 different ones. */
  readonly errors: readonly PingError[];
  /** The largest IP packet that passes unfragmented there, in bytes; absent unless asked for and found. */
  readonly pathMtu?: number;
}

/** How long the parts of a ping took. */
export type PingPhase = 'resolve' | 'ping' | 'pathMtu';

/** What `probePing` resolves to. */
export type PingResult = ProbeResult<PingFacts, PingPhase>;
