import { InvalidOptionError } from '../../errors/index.js';
import { type Endpoint, parseEndpoint } from '../../names/index.js';
import { LONGEST_TIMER } from '../../options/index.js';
import type { ProbeContext } from '../probe-context.js';
import { runProbe } from '../run-probe.js';
import { measureTrace } from './measure-trace.js';
import { NAMES_TIME } from './reverse-names.js';
import { GRACE } from './trace-course.js';
import { TraceEngine } from './trace-engine.js';
import { checkTraceOptions, type TraceMethod, type TraceProbeOptions, withDefaults } from './trace-options.js';
import type { TraceResult } from './trace-result.js';

/** Of the whole process; it holds nothing open while nothing is on its way. */
const shared = new TraceEngine();

/**
 * Finds the way to a host: who is at each hop, how long a round trip there takes, and how much is lost, by IPv4 or IPv6. All hops are asked
 * at the same time, by probes that take the same path where routers balance load.
 *
 * Needs Linux and koffi, and for the method `'icmp'` the permission that `probePing` needs. Without, the result is `inconclusive`. Where the
 * target answers, it is `ok`: by "port unreachable" to UDP, by an echo reply, or by whatever a TCP port answers.
 *
 * @param target a name or an IP address; for UDP and TCP also `'host:port'`.
 * @throws {InvalidOptionError} for a target that is none, and for a bad option; the signal's reason when it aborts.
 */
export async function probeTrace(
  target: string,
  options: TraceProbeOptions = {},
  context: ProbeContext = {},
): Promise<TraceResult> {
  return traceBy(shared, target, options, context);
}

/** As `probeTrace`, by an engine of one's own. */
export async function traceBy(
  engine: TraceEngine,
  target: string,
  options: TraceProbeOptions,
  context: ProbeContext,
): Promise<TraceResult> {
  checkTraceOptions(options);
  const endpoint = parseTraceTarget(target, options.method);
  const task = { probe: 'trace', target, timeout: longestTrace(options) };
  return runProbe(task, context, (run) => measureTrace(engine, endpoint, withDefaults(options), run, context));
}

/** @throws {InvalidOptionError} for a target that is none. */
export function parseTraceTarget(target: string, method: TraceMethod | undefined): Endpoint {
  const endpoint = typeof target === 'string' ? parseEndpoint(target) : undefined;
  if (endpoint === undefined) throw new InvalidOptionError('probeTrace: target', target, "a host, or 'host:port'");
  if (endpoint.port !== undefined && method === 'icmp') {
    throw new InvalidOptionError('probeTrace: target', target, 'a host without a port, which ICMP does not have');
  }
  return endpoint;
}

/** How long a trace takes at most, in milliseconds: a bound, which is reached only where nobody answers. */
export function longestTrace(options: TraceProbeOptions): number {
  const { maxHops, rounds, interval, timeout, names } = withDefaults(options);
  // Where hops have to be asked one after the other, each may be waited for.
  const round = maxHops * (timeout + GRACE) + interval;
  const hops = (rounds + ROUNDS_BEFORE) * round;
  return Math.min(AROUND_A_TRACE + hops + (names === true ? NAMES_TIME : 0), LONGEST_TIMER);
}

/** The first flow finds the distance, the others look whether it is theirs; and then what is still on its way is waited for. */
const ROUNDS_BEFORE = 3;

/** Milliseconds for finding the address, and by which a busy process may be late. */
const AROUND_A_TRACE = 10_000;
