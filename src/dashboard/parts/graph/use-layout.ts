import { useEffect, useMemo, useState } from 'preact/hooks';
import { ForceLayout, layOut, type Places } from './force-layout.js';
import type { GraphLink, GraphNode } from './graph-model.js';
import { inSlices } from './in-slices.js';

/** Nodes that are placed before the page is painted. */
const AT_ONCE = 40;

/**
 * Where the nodes are. Of a large graph it is undefined until the layout is made, in slices between which the page goes on. Made anew only where
 * nodes or links come or go, and not where a link becomes slower.
 */
export function useLayout(nodes: readonly GraphNode[], links: readonly GraphLink[]): Places | undefined {
  const shape = JSON.stringify([nodes.map(({ id }) => id), links.map(({ id }) => id)]);
  // The shape says all that a layout depends on.
  const small = useMemo(() => (nodes.length <= AT_ONCE ? layOut(nodes, links) : undefined), [shape]);
  const [large, setLarge] = useState<Places | undefined>(undefined);
  useEffect(() => {
    if (nodes.length <= AT_ONCE) return;
    const controller = new AbortController();
    const layout = new ForceLayout(nodes, links);
    // Not by frames, of which a page in the background gets none.
    const slicing = { later, now: () => performance.now(), signal: controller.signal };
    void inSlices(layout, slicing).then(() => {
      if (!controller.signal.aborted) setLarge(layout.places);
    });
    return () => controller.abort();
  }, [shape]);
  return small ?? large;
}

function later(callback: () => void): void {
  setTimeout(callback);
}
