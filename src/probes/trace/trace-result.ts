import type { ProbeResult } from '../result.js';
import type { MplsLabel } from './icmp-extensions.js';
import type { TraceMethod } from './trace-options.js';

/** Round-trip times of a hop in sum, in milliseconds. */
export interface HopRtt {
  /** The shortest. */
  readonly min: number;
  /** The arithmetic mean. */
  readonly avg: number;
  /** The longest. */
  readonly max: number;
}

/** Why a probe was not forwarded, in the sender's words. */
export interface Unreachable {
  /** Type and code, by the numbers of ICMP or ICMPv6. */
  readonly type: number;
  /** See `type`. */
  readonly code: number;
  /** What that means: `'host-unreachable'`, `'prohibited'`, `'port-unreachable'`. */
  readonly meaning: string;
  /** As traceroute(8) writes it: `'!H'` host, `'!N'` net, `'!P'` protocol, `'!X'` prohibited, `'!<code>'` others. */
  readonly notation: string;
}

/** Somebody who answered at a hop. */
export interface TraceAddress {
  /** Its IP address. */
  readonly address: string;
  /** By reverse DNS, where that was asked for and there is one. */
  readonly name?: string;
  /** Round-trip times in milliseconds, in the order of the rounds. */
  readonly rtts: readonly number[];
  /** The flows that met it, as places in `facts.flows`. */
  readonly flows: readonly number[];
  /** Absent where it answered as a hop does, or as the target should. */
  readonly unreachable?: Unreachable;
  /** The label stack that the probe had when it arrived there, where the router told it (RFC 4950). */
  readonly mpls?: readonly MplsLabel[];
}

/** One hop. */
export interface TraceHop {
  /** How far away: the time to live, or hop limit, of the probes. */
  readonly ttl: number;
  /** Who answered, the most frequent first; nobody where it was silent. */
  readonly addresses: readonly TraceAddress[];
  /** How many probes were sent so far. */
  readonly sent: number;
  /** How many of them were answered. */
  readonly received: number;
  /** Which fraction of the probes was not answered, 0 to 1. */
  readonly loss: number;
  /** Absent where nothing was answered. */
  readonly rtt?: HopRtt;
  /**
   * It answered some probes, and left so many more unanswered than the hops behind it that chance does that less than once in a hundred times
   * (the hypergeometric test of Fisher, one-sided). So it passes packets on and limits its answers: its loss says nothing of the path. Absent
   * otherwise, also where too few probes were sent to tell.
   */
  readonly rateLimited?: true;
}

/** What one flow found. */
export interface TraceFlow {
  /** What the probes of the flow have in common beside their ends: the source port; of ICMP the checksum, without that of the addresses. */
  readonly id: number;
  /** Who answered at each hop, first hop first; null where it was silent. Where answers differed, the one of most. */
  readonly path: readonly (string | null)[];
  /** The same for the same addresses at the same hops: see `TraceFacts`. */
  readonly pathId: string;
  /** Whether the target answered. */
  readonly reached: boolean;
}

/** Routers that send a packet round and round. */
export interface TraceLoop {
  /** At which hop it begins. */
  readonly ttl: number;
  /** In the order of the way; the first comes after the last. A single one answers from there on at all hops. */
  readonly addresses: readonly string[];
}

/** What a trace learnt. Times are in milliseconds. */
export interface TraceFacts {
  /** What was sent. */
  readonly method: TraceMethod;
  /** The port that was asked; absent for ICMP. */
  readonly port?: number;
  /** Up to the target, or to the last who answered. */
  readonly hops: readonly TraceHop[];
  /** Whether the target answered. */
  readonly reached: boolean;
  /** How many hops away the target is, by the shortest flow; absent where it was not reached. */
  readonly distance?: number;
  /** How many hops were asked. */
  readonly asked: number;
  /** What each flow found. */
  readonly flows: readonly TraceFlow[];
  /** The same for the same addresses at the same hops in all flows: 16 hexadecimal digits. A silent hop counts; see `comparePaths`. */
  readonly pathId: string;
  /** Absent where there is none, or the target was reached. */
  readonly loop?: TraceLoop;
  /** Probes up to the target, in all rounds and flows. */
  readonly sent: number;
  /** How many of them were answered. */
  readonly received: number;
}

/** How long the parts of a trace took. */
export type TracePhase = 'resolve' | 'trace' | 'names';

/** What `probeTrace` resolves to. Its `samples` are the round-trip times to the target. */
export type TraceResult = ProbeResult<TraceFacts, TracePhase>;
