import type { EchoEngine, EchoReport, EchoRequest } from './echo-engine.js';
import { ECHO_HEADER_LENGTH, IP_HEADER_LENGTH } from './icmp-echo.js';
import { PathMtuSearch } from './path-mtu-search.js';

/** How often a size is tried that gets no answer at all: what is lost by chance is not too big. */
const TRIES = 3;

/** The largest IPv4 packet (RFC 791); of IPv6 the payload alone may be as long (RFC 8200). */
const MOST = 65_535;

/** What IPv6 carries everywhere (RFC 8200 section 5). */
const LEAST_OF_IPV6 = 1280;

/** More is only needed where somebody lies about MTUs. */
const MOST_STEPS = 64;

/** The most milliseconds that it takes. */
export function longestDiscovery(timeout: number): number {
  return MOST_STEPS * timeout;
}

/**
 * Looks for the largest packet that passes unfragmented there.
 *
 * @param request one that was answered.
 * @returns the packet's size in bytes; undefined where that was not found out before the signal aborted.
 */
export async function discoverPathMtu(
  engine: EchoEngine,
  request: EchoRequest,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { family } = request.ip;
  const overhead = IP_HEADER_LENGTH[family] + ECHO_HEADER_LENGTH;
  const known = request.profile.dontFragment === true ? request.payloadSize + overhead : overhead;
  const search = new PathMtuSearch(family === 6 ? Math.max(known, LEAST_OF_IPV6) : known, MOST);
  let silent = 0;
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const size = search.next;
    if (size === undefined) return search.pathMtu;
    const answer = judge(await engine.run(requestOf(request, size - overhead), signal));
    if (signal.aborted || answer === 'unavailable') return undefined;
    silent = answer === 'silence' ? silent + 1 : 0;
    if (answer === 'passed') search.passed(size);
    else if (answer !== 'silence') search.refused(size, answer.mtu);
    else if (silent === TRIES) {
      silent = 0;
      search.refused(size);
    }
  }
  return undefined;
}

function requestOf(request: EchoRequest, payloadSize: number): EchoRequest {
  return { ...request, payloadSize, count: 1, profile: { ...request.profile, dontFragment: true } };
}

type Answer = 'passed' | 'silence' | 'unavailable' | { readonly mtu: number | undefined };

function judge(report: EchoReport): Answer {
  if (report.kind === 'unavailable') return 'unavailable';
  const { received, errors, sendError } = report.outcome;
  if (received > 0) return 'passed';
  const tooBig = errors.find(({ meaning }) => meaning === 'too-big');
  if (tooBig !== undefined) return { mtu: tooBig.mtu };
  return sendError === undefined ? 'silence' : 'unavailable';
}
