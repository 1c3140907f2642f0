import { InvalidOptionError } from '../../errors/index.js';
import { boolean, checkOptions, milliseconds, type OptionRules, oneOf, wholeNumberFrom } from '../../options/index.js';
import { checkSource, familyOf, PACKET_RULES } from '../ping/packet-rules.js';
import type { AddressFamily } from '../resolve-host.js';

/** What is sent: datagrams, echo requests, or the first packets of connections. */
export type TraceMethod = 'udp' | 'icmp' | 'tcp';

/** Options of `probeTrace`. */
export interface TraceProbeOptions {
  /** What is sent. UDP and TCP need no permission; ICMP needs the one that `probePing` needs. @default 'udp' */
  readonly method?: TraceMethod | undefined;
  /** The port to send to; for ICMP none. @default that of the target, or 33,434 for UDP and 80 for TCP, as traceroute(8) has them */
  readonly port?: number | undefined;
  /** How many hops away the target may be, 1 to 255. @default 30 */
  readonly maxHops?: number | undefined;
  /** How often each hop is asked, 1 to 100. @default 3 */
  readonly rounds?: number | undefined;
  /**
   * Milliseconds from one round to the next. Linux answers the same host with six ICMP errors at once, then with one a second
   * (`net.ipv4.icmp_ratelimit`): what is asked faster measures that limit. So up to five probes of a hop
   * (`rounds` times `flows`) are sent without waiting for answers, and of more than that a round a second.
   *
   * @default 0, or 1000
   */
  readonly interval?: number | undefined;
  /**
   * Milliseconds within which a probe is to be answered. Once the target has answered (and where one hop is asked after the other, once
   * anybody has), the others are waited for no longer than three times the longest round trip so far, and 200 ms. @default 1000
   */
  readonly timeout?: number | undefined;
  /**
   * How many flows are sent, 1 to 16. All probes of a flow look alike to a router that balances load, and so take the same path; several
   * flows find several paths. Over ICMP they differ in their checksum alone, which few routers look at. @default 1
   */
  readonly flows?: number | undefined;
  /**
   * Of TCP: whether the probes of a flow share their ports. No two connections can have the same ends, so then one hop is asked after the
   * other. `false` asks all at once, each from a port of its own: where load is balanced, that invents links. @default true
   */
  readonly keepFlow?: boolean | undefined;
  /**
   * The port that the first flow is sent from, the next one the second, and so on; of ICMP the identifier. 1,024 to 64,000. It stays the same
   * so that the same path is asked each time; where it is in use, one further on is taken (see `facts.flows`). @default 31,434
   */
  readonly sourcePort?: number | undefined;
  /** Which addresses of a name may be asked; with `'any'` the first that this host has a route to, IPv6 before IPv4. @default 'any' */
  readonly family?: AddressFamily | undefined;
  /** The IP address to send from; only addresses of its family are asked. @default the kernel chooses */
  readonly source?: string | undefined;
  /** The name of the interface to send by, whatever the routes say (SO_BINDTODEVICE). @default the routes say */
  readonly interface?: string | undefined;
  /** The mark for policy routing (SO_MARK); needs CAP_NET_ADMIN or, since Linux 5.17, CAP_NET_RAW. @default 0 */
  readonly mark?: number | undefined;
  /** Differentiated services code point, 0 to 63. @default 0 */
  readonly dscp?: number | undefined;
  /** Looks up the names of all addresses by reverse DNS when the path is known. Takes two seconds at most. @default false */
  readonly names?: boolean | undefined;
}

/** The options with their defaults. */
export interface TraceSettings extends TraceProbeOptions {
  readonly method: TraceMethod;
  readonly maxHops: number;
  readonly rounds: number;
  readonly interval: number;
  readonly timeout: number;
  readonly flows: number;
  readonly keepFlow: boolean;
  readonly sourcePort: number;
  readonly family: AddressFamily;
}

/** @throws {InvalidOptionError} */
export function checkTraceOptions(options: TraceProbeOptions): void {
  checkOptions(OWNER, options, RULES);
  checkSource(OWNER, options);
  const { method = 'udp', port, keepFlow = true, flows = 1 } = options;
  if (port !== undefined && method === 'icmp') {
    throw new InvalidOptionError(`${OWNER}: port`, port, 'left out: ICMP has no ports');
  }
  if (!keepFlow && method !== 'tcp') {
    throw new InvalidOptionError(`${OWNER}: keepFlow`, keepFlow, "true, unless the method is 'tcp'");
  }
  if (!keepFlow && flows > 1) throw new InvalidOptionError(`${OWNER}: flows`, flows, '1 where keepFlow is false');
}

export function withDefaults(options: TraceProbeOptions): TraceSettings {
  const { method = 'udp', maxHops = 30, rounds = 3, timeout = 1_000, flows = 1, keepFlow = true } = options;
  return {
    ...options,
    method,
    maxHops,
    rounds,
    interval: options.interval ?? (rounds * flows <= UNLIMITED_ERRORS ? 0 : 1_000),
    timeout,
    flows,
    keepFlow,
    sourcePort: options.sourcePort ?? 31_434,
    family: familyOf(options),
  };
}

/** One below XRLIM_BURST_FACTOR of net/ipv4/icmp.c: somebody else of this host may ask as well. */
const UNLIMITED_ERRORS = 5;

const OWNER = 'probeTrace';

const RULES: OptionRules<TraceProbeOptions> = {
  ...PACKET_RULES,
  method: oneOf('udp', 'icmp', 'tcp'),
  port: wholeNumberFrom(1, 65_535),
  maxHops: wholeNumberFrom(1, 255),
  rounds: wholeNumberFrom(1, 100),
  interval: milliseconds(),
  timeout: milliseconds(1),
  flows: wholeNumberFrom(1, 16),
  keepFlow: boolean,
  sourcePort: wholeNumberFrom(1_024, 64_000),
  names: boolean,
};
