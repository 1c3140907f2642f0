import type { MplsLabel } from '../../../probes/index.js';
import { printable } from '../../text/fit.js';
import type { PathAddress } from '../result-kinds.js';

/** Who answered: the name with the address behind it, or the address alone. Names are whatever their owner has put into DNS. */
export function describeWho({ address, name }: Pick<PathAddress, 'address' | 'name'>): string {
  return printable(name === undefined ? address : `${name} (${address})`);
}

/** What it said beside: that it does not forward, as traceroute(8) writes it, and what labels the packet had. */
export function describeSigns({ unreachable, mpls = [] }: PathAddress): readonly string[] {
  return [
    ...(unreachable === undefined ? [] : [printable(unreachable.notation)]),
    ...(mpls.length === 0 ? [] : [`MPLS ${mpls.map(describeLabel).join(' / ')}`]),
  ];
}

function describeLabel({ label, trafficClass, ttl }: MplsLabel): string {
  return `${label} tc ${trafficClass} ttl ${ttl}`;
}

/** What an asterisk behind a loss means. */
export const LIMITED = '* limits how many errors it sends: what it lost says nothing of the path';
