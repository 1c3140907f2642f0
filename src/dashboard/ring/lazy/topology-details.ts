import { count } from '../../parts/text/numbers.js';
import type { TopologyGraph } from './topology-graph.js';

/** Neighbours that are named. */
const MOST_NAMED = 6;

/** What is said of each node, by id: what it is, and what it is next to. */
export function describeNodes({ nodes, links }: TopologyGraph): ReadonlyMap<string, string> {
  const labels = new Map(nodes.map(({ id, label }) => [id, label]));
  const neighbours = new Map<string, string[]>();
  for (const { source, target, label } of links) {
    for (const [one, other] of [
      [source, target],
      [target, source],
    ] as const) {
      const text = `${labels.get(other) ?? other} (${label})`;
      const known = neighbours.get(one);
      if (known === undefined) neighbours.set(one, [text]);
      else known.push(text);
    }
  }
  return new Map(
    nodes.map(({ id, label, kind }) => {
      const all = neighbours.get(id) ?? [];
      const named = all.slice(0, MOST_NAMED).join(', ');
      const more = all.length > MOST_NAMED ? ` and ${count(all.length - MOST_NAMED, 'more', 'more')}` : '';
      return [id, `${label}, ${kind}, next to ${named}${more}`];
    }),
  );
}
