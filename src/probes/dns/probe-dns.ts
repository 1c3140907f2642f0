import type { ProbeContext } from '../probe-context.js';
import { runProbe } from '../run-probe.js';
import type { DnsResult } from './dns-facts.js';
import { checkDnsOptions, DEFAULT_TIMEOUT, type DnsProbeOptions } from './dns-options.js';
import { probeServer } from './probe-server.js';
import { probeSystem } from './probe-system.js';
import { questionFor } from './question.js';
import { recordTypeNumber } from './record-types.js';

/**
 * Asks a DNS server, or the name servers of this system, and judges the answer.
 *
 * What a server answers wrongly is its own fault (`target`), its silence is the path's. Where the system's name servers are asked, everything
 * that goes wrong is the `resolver`'s.
 *
 * @param target the name, also one beyond ASCII; with the type PTR an IP address too.
 * @throws {InvalidOptionError} where the target is no name, or an option has a wrong name, type or range; the signal's reason when it aborts.
 *
 * @example
 * const { status, reason, facts } = await probeDns('example.com', { type: 'MX', server: '192.0.2.53' });
 */
export async function probeDns(
  target: string,
  options: DnsProbeOptions = {},
  context: ProbeContext = {},
): Promise<DnsResult> {
  checkDnsOptions(options);
  const { timeout = DEFAULT_TIMEOUT, type = 'A', server } = options;
  const question = questionFor(target, recordTypeNumber(type) ?? 0);
  return runProbe({ probe: 'dns', target, timeout }, context, (run) =>
    server === undefined ? probeSystem(question, options, run) : probeServer(question, options, run, context.resolve),
  );
}
