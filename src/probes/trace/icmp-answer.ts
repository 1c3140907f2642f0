import type { Message } from '../../../native/index.js';
import { IP_HEADER_LENGTH } from '../ping/icmp-echo.js';
import { meaningOf } from '../ping/icmp-error.js';
import type { TraceAnswer } from './course-plan.js';
import { decodeMplsLabels, type MplsLabel } from './icmp-extensions.js';

/** What an ICMP error to a probe says: that it has come so far, that it has arrived, or that it goes no further. */
export function judgeIcmpError(
  family: 4 | 6,
  type: number,
  code: number,
  isFromTarget: boolean,
): Pick<TraceAnswer, 'kind' | 'unreachable'> {
  const meaning = meaningOf(family, type, code);
  if (meaning === 'ttl-exceeded') return { kind: 'hop' };
  if (isFromTarget && ARRIVED.has(meaning)) return { kind: 'target' };
  return {
    kind: 'unreachable',
    unreachable: { type, code, meaning, notation: NOTATIONS.get(meaning) ?? `!<${code}>` },
  };
}

/**
 * The MPLS labels that an error tells.
 *
 * @param extensionsAt where the kernel says that extensions begin; 0 where it does not.
 * @param transportHeader how many bytes the kernel has taken from the quoted packet behind its IP header.
 */
export function labelsIn(
  { bytes, length }: Message,
  extensionsAt: number,
  family: 4 | 6,
  transportHeader: number,
): readonly MplsLabel[] {
  const legacy = LEGACY_EXTENSIONS - IP_HEADER_LENGTH[family] - transportHeader;
  return decodeMplsLabels(bytes, extensionsAt > 0 ? extensionsAt : legacy, length);
}

/** Where extensions begin in the quoted packet, of routers that do not say so: RFC 4884 section 5.1. */
const LEGACY_EXTENSIONS = 128;

/** It has been handed to the transport layer of who sends that, and nobody was there (RFC 1122 section 3.2.2.1). */
const ARRIVED: ReadonlySet<string> = new Set(['port-unreachable', 'protocol-unreachable']);

/** traceroute(8); what has a sign of its own there, but the fragmentation that is not asked for here. */
const NOTATIONS: ReadonlyMap<string, string> = new Map([
  ['host-unreachable', '!H'],
  ['net-unreachable', '!N'],
  ['protocol-unreachable', '!P'],
  ['source-route-failed', '!S'],
  ['too-big', '!F'],
  ['prohibited', '!X'],
]);
