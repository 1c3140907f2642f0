import type { ProbeContext } from '../probe-context.js';
import type { PingProbeOptions } from './ping-options.js';
import type { PingResult } from './ping-result.js';
import { Pinger } from './pinger.js';

export { checkPingOptions } from './ping-options.js';

/** Of the whole process; it holds nothing open while nothing is on its way. */
const shared = new Pinger();

/**
 * Pings a host by ICMP echo, over IPv4 or IPv6: round-trip times by the kernel's clock, losses, duplicates, and what routers say.
 *
 * Needs Linux, koffi, and the permission to use ICMP: that of `net.ipv4.ping_group_range`, or CAP_NET_RAW. Without, the result is
 * `inconclusive` and says how to permit it; or TCP handshakes are measured, with `fallback`.
 *
 * @param target a name or an IP address; for `fallback` also `'host:port'`.
 * @throws {InvalidOptionError} for a target that is none, and for a bad option; the signal's reason when it aborts.
 */
export function probePing(
  target: string,
  options: PingProbeOptions = {},
  context: ProbeContext = {},
): Promise<PingResult> {
  return shared.probe(target, options, context);
}
