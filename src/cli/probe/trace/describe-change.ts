import type { PathComparison } from '../../../probes/index.js';
import type { Appearance } from '../../text/appearance.js';
import { printable } from '../../text/fit.js';

/** How a path has changed: `path changed (hop 6: 198.51.100.26 → 203.0.113.6)`. */
export function describeChange({ hops, distance }: PathComparison, { signs }: Appearance): string {
  const step = (before: string, after: string): string => printable(`${before} ${signs.arrow} ${after}`);
  const shown = hops
    .slice(0, MOST_HOPS)
    .map(({ ttl, before, after }) => `hop ${ttl}: ${step(before.join(' '), after.join(' '))}`);
  const more = hops.length > MOST_HOPS ? [`${hops.length - MOST_HOPS} hops more`] : [];
  const away = distance === undefined ? [] : [`distance ${step(String(distance.before), String(distance.after))}`];
  return `path changed (${[...shown, ...more, ...away].join('; ')})`;
}

/** A change near this host changes all hops behind it. */
const MOST_HOPS = 3;
