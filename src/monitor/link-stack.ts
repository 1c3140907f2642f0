import type { LinkFacts } from './kernel-view.js';

/** Deeper than links are stacked, and an end for links that should ever be stacked in a circle. */
const DEEPEST = 8;

/**
 * The links that a link lives on, from the bottom up and itself last: what a VLAN or macvlan lies on, the ports of a bridge or bond. When the
 * carrier of a lower one goes, the kernel tells of each level in its turn, and may hold each word back for a second.
 */
export function linkStack(links: ReadonlyMap<number, LinkFacts>, index: number): readonly number[] {
  const stack = new Set([index]);
  let level = [index];
  for (let depth = 0; depth < DEEPEST && level.length > 0; depth += 1) {
    level = level.flatMap((each) => directlyBelow(links, each)).filter((each) => !stack.has(each));
    for (const each of level) stack.add(each);
  }
  return [...stack].reverse();
}

function directlyBelow(links: ReadonlyMap<number, LinkFacts>, index: number): readonly number[] {
  const link = links.get(index);
  if (link === undefined) return [];
  const lower = link.lower !== undefined && links.has(link.lower) ? [link.lower] : [];
  // Only a link that has ports need be looked through for them: a host with a thousand containers is asked about twenty times a second.
  if (!TYPES_WITH_PORTS.has(link.kind ?? '')) return lower;
  const ports = [...links.values()].filter(({ master }) => master === index).map((port) => port.index);
  return [...lower, ...ports];
}

const TYPES_WITH_PORTS: ReadonlySet<string> = new Set(['bridge', 'bond', 'team', 'vrf']);
