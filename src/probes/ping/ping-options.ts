import {
  boolean,
  checkOptions,
  milliseconds,
  numberFrom,
  type OptionRules,
  oneOf,
  wholeNumberFrom,
} from '../../options/index.js';
import type { AddressFamily } from '../resolve-host.js';
import { checkSource, familyOf, PACKET_RULES } from './packet-rules.js';

/** Options of `probePing`. */
export interface PingProbeOptions {
  /** How many echo requests are sent, 1 to 10,000. @default 5 */
  readonly count?: number | undefined;
  /**
   * Milliseconds from one request to the next, at least 1. The default is the shortest that ping(8) long allowed an ordinary user: five
   * requests take a second, and neighbours are close enough for their difference to be jitter. ping(8) and fping(8) send one a second.
   *
   * @default 200
   */
  readonly interval?: number | undefined;
  /** Milliseconds within which each request is to be answered. What comes later counts as lost. @default 1000 */
  readonly timeout?: number | undefined;
  /** Which addresses of a name may be asked; with `'any'` the first that this host has a route to, IPv6 before IPv4. @default 'any' */
  readonly family?: AddressFamily | undefined;
  /**
   * Bytes of data in each request, 0 to 65,507, behind the 8 bytes of ICMP's header. The first 8 are random and are compared with those of the
   * reply; below that, less protects against forged replies.
   *
   * @default 56
   */
  readonly payloadSize?: number | undefined;
  /** Sends requests that no router may fragment, whatever this host remembers of the path. @default false */
  readonly dontFragment?: boolean | undefined;
  /** Looks for the largest packet that passes, once the target has answered. Takes some requests more: see `facts.pathMtu`. @default false */
  readonly discoverPathMtu?: boolean | undefined;
  /** Time to live, or hop limit, of the requests: 1 to 255. @default the system's, 64 as a rule */
  readonly ttl?: number | undefined;
  /** Differentiated services code point of the requests, 0 to 63: 46 is expedited forwarding. @default 0 */
  readonly dscp?: number | undefined;
  /** The IP address to send from; only addresses of its family are asked. @default the kernel chooses */
  readonly source?: string | undefined;
  /** The name of the interface to send by, whatever the routes say (SO_BINDTODEVICE). @default the routes say */
  readonly interface?: string | undefined;
  /** The mark for policy routing (SO_MARK); needs CAP_NET_ADMIN or, since Linux 5.17, CAP_NET_RAW. @default 0 */
  readonly mark?: number | undefined;
  /** Which fraction of the requests may be lost, 0 to 1. One reply at least has to come in any case. @default 1 */
  readonly maxLoss?: number | undefined;
  /** The longest average round-trip time that counts as good, in milliseconds. @default no limit */
  readonly maxRtt?: number | undefined;
  /** Measures TCP handshakes where ICMP is not permitted; needs a port, here or in the target. @default none: the probe is then inconclusive */
  readonly fallback?: 'tcp' | undefined;
  /** The port for `fallback`, where the target names none. */
  readonly port?: number | undefined;
}

/** The options with their defaults. */
export interface PingSettings extends PingProbeOptions {
  readonly count: number;
  readonly interval: number;
  readonly timeout: number;
  readonly family: AddressFamily;
  readonly payloadSize: number;
  readonly maxLoss: number;
}

/** @throws {InvalidOptionError} */
export function checkPingOptions(options: PingProbeOptions): void {
  checkOptions(OWNER, options, RULES);
  checkSource(OWNER, options);
}

export function withDefaults(options: PingProbeOptions): PingSettings {
  const { count = 5, interval = 200, timeout = 1000, payloadSize = 56, maxLoss = 1 } = options;
  return {
    ...options,
    count,
    interval,
    timeout,
    payloadSize,
    maxLoss,
    family: familyOf(options),
  };
}

const OWNER = 'probePing';

/** What IPv4 can carry: 65,535 bytes without its own header of 20 and ICMP's of 8. */
const MOST_PAYLOAD = 65_507;

const RULES: OptionRules<PingProbeOptions> = {
  ...PACKET_RULES,
  count: wholeNumberFrom(1, 10_000),
  interval: milliseconds(1),
  timeout: milliseconds(1),
  payloadSize: wholeNumberFrom(0, MOST_PAYLOAD),
  dontFragment: boolean,
  discoverPathMtu: boolean,
  ttl: wholeNumberFrom(1, 255),
  maxLoss: numberFrom(0, 1),
  maxRtt: numberFrom(0, Number.POSITIVE_INFINITY, 'milliseconds'),
  fallback: oneOf('tcp'),
  port: wholeNumberFrom(1, 65_535),
};
