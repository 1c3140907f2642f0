import type { ControlMessages, Message } from '../../../native/index.js';
import { IP_HEADER_LENGTH } from '../ping/icmp-echo.js';
import { isRefusal, meaningOf } from '../ping/icmp-error.js';
import { offenderText } from '../ping/message-address.js';
import type { TraceAnswer } from './course-plan.js';
import { decodeMplsLabels, type MplsLabel } from './icmp-extensions.js';

/** Whom the probe was for that an error quotes. */
export interface Quoted {
  readonly family: 4 | 6;
  readonly target: string;
  /** How many bytes the kernel has taken from the quoted packet behind its IP header. */
  readonly hiddenHeader: number;
}

/**
 * What an ICMP error says, and who.
 *
 * @returns undefined for what does not end a probe's way: a redirect or a source quench is sent beside forwarding it (RFC 792).
 */
export function readIcmpError(
  message: Message,
  control: ControlMessages,
  { family, target, hiddenHeader }: Quoted,
): Omit<TraceAnswer, 'rtt'> | undefined {
  const { type, code, extensionsAt } = control;
  const from = offenderText(control);
  if (from === undefined || !isRefusal(family, type)) return undefined;
  const mpls = labelsIn(message, extensionsAt, IP_HEADER_LENGTH[family] + hiddenHeader);
  return { from, ...judgeIcmpError(family, type, code, from === target), ...(mpls.length > 0 && { mpls }) };
}

/** Whether a probe has come so far, has arrived, or goes no further. */
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

/** The MPLS labels that an error tells. @param extensionsAt 0 where the kernel does not say. @param hidden bytes of the quoted packet. */
function labelsIn({ bytes, length }: Message, extensionsAt: number, hidden: number): readonly MplsLabel[] {
  return decodeMplsLabels(bytes, extensionsAt > 0 ? extensionsAt : LEGACY_EXTENSIONS - hidden, length);
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
