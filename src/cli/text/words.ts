import { describeError } from '../../log/index.js';
import type { Egress, NetworkReason, NetworkSnapshot } from '../../monitor/index.js';
import { endpointOf } from '../wait/endpoint.js';
import { printable } from './fit.js';

/** What a reason means, as the rest of a sentence that begins with the state. */
export const MEANING: Readonly<Record<NetworkReason, string>> = {
  'no-carrier': 'the cable, the radio or the peer of the link is gone',
  'link-down': 'the link was set down, or has vanished',
  'no-address': 'the link has no usable source address',
  'no-route': 'the kernel knows no way there',
  unreachable: 'there is a path, but no check host answers',
  'partly-unreachable': 'some check hosts answer, some do not',
  unverified: 'nothing that could be asked has answered yet',
  'checks-disagree': 'work gets through, though the check hosts do not answer',
  reachable: 'everything that was asked answers',
  path: 'there is a path, and nobody was to be asked',
  'not-judged': 'nothing has been judged yet',
  stopped: 'nobody watches',
};

/** The way out as iproute2 would say it: `eth0 via 192.0.2.1 from 192.0.2.2`. */
export function describeEgress({ interface: name, gateway, source }: Egress): string {
  return printable([name, gateway && `via ${gateway}`, source && `from ${source}`].filter(Boolean).join(' '));
}

/** A reason, and whether the kernel knows a way at all. */
export interface Situation {
  readonly reason: NetworkReason;
  readonly hasWay: boolean;
}

/** What a reason means for the network as a whole. */
export function meaningOf({ reason, hasWay }: Situation): string {
  return wasNeverThere(reason, hasWay) ? `there is no way out, ${NOTHING_SAYS}` : MEANING[reason];
}

/** What it means for one destination, which itself is not asked. */
export function meaningForDestination(destination: string, { reason, hasWay }: Situation): string {
  if (wasNeverThere(reason, hasWay)) return `there is no way there, ${NOTHING_SAYS}`;
  if (reason !== 'reachable') return MEANING[reason];
  const hint = endpointOf(destination) === undefined ? '' : ` (netpause wait ${printable(destination)} does)`;
  return `the way there stands; the destination itself was not asked${hint}`;
}

/** Without a way nobody was asked, and none was lost. */
function wasNeverThere(reason: NetworkReason, hasWay: boolean): boolean {
  return reason === 'unverified' && !hasWay;
}

const NOTHING_SAYS = 'and nothing says that there ever was one';

/** Where the knowledge of links, addresses and routes comes from. */
export function describeSource({
  source,
  ffi,
  sourceReason,
}: Pick<NetworkSnapshot, 'source' | 'ffi' | 'sourceReason'>): string {
  const by = ffi === undefined ? source : `${source} by ${ffi}`;
  return printable(sourceReason === undefined ? by : `${by} (${sourceReason})`);
}

/** What an error says, on one line. */
export function explain(error: unknown): string {
  return printable(describeError(error).split('\n', 1)[0] ?? '');
}
