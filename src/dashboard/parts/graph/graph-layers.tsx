import type { Places } from './force-layout.js';
import { drawnLabel, END_WORDS, type ShownLabels, symbolScale } from './graph-labels.js';
import type { GraphLink, GraphMarks, GraphNode } from './graph-model.js';

/** What the layers of a graph are drawn from. */
export interface LayerProps {
  readonly places: Places;
  readonly marks: GraphMarks;
  readonly labels: ShownLabels;
  /** What is written keeps its size however much is enlarged. */
  readonly k: number;
}

/** The lines. Beside the colour, dashes and width tell how slow they are. */
export function Links({ links, places, marks }: LayerProps & { readonly links: readonly GraphLink[] }) {
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it can have the focus, and all of it is told by the nodes.
    <g class="graph-links" aria-hidden="true">
      {links.map(({ id, source, target, level, isNotable, label }) => {
        const [from, to] = [places.get(source), places.get(target)];
        if (from === undefined || to === undefined) return null;
        const state = `${isNotable ? ' is-notable' : ''}${marks.links.has(id) ? ' is-marked' : ''}`;
        return (
          <line key={id} class={`graph-link level-${level}${state}`} x1={from.x} y1={from.y} x2={to.x} y2={to.y}>
            <title>{label}</title>
          </line>
        );
      })}
    </g>
  );
}

/** What is written at lines. */
export function LinkLabels({ links, places, marks, labels, k }: LayerProps & { readonly links: readonly GraphLink[] }) {
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it can have the focus, and all of it is told by the nodes.
    <g class="graph-link-labels" aria-hidden="true">
      {links.map(({ id, source, target, label, level }) => {
        const [from, to] = [places.get(source), places.get(target)];
        if (from === undefined || to === undefined || !labels.links.has(id)) return null;
        const [x, y] = [(from.x + to.x) / 2, (from.y + to.y) / 2];
        return (
          <text
            key={id}
            class={`graph-link-label level-${level}${marks.links.has(id) ? ' is-marked' : ''}`}
            transform={`translate(${x} ${y}) scale(${1 / k})`}
            dy="0.3em"
          >
            {label}
          </text>
        );
      })}
    </g>
  );
}

/** What the layer of nodes needs beside. */
export interface NodesProps extends LayerProps {
  readonly nodes: readonly GraphNode[];
  /** The position of the node that Tab leads to. */
  readonly active: number;
  readonly describe: (node: GraphNode) => string;
}

/** The points: of Tab there is one stop, and arrows lead from one to the next. */
export function Nodes({ nodes, places, marks, k, active, describe }: NodesProps) {
  const onPath = new Set(marks.nodes);
  const size = symbolScale(k);
  return (
    <g class="graph-nodes">
      {nodes.map((node, index) => {
        const place = places.get(node.id);
        if (place === undefined) return null;
        const end = marks.ends.indexOf(node.id);
        const state = `${end >= 0 ? ' is-end' : ''}${onPath.has(node.id) ? ' is-marked' : ''}`;
        return (
          // biome-ignore lint/a11y/useSemanticElements: there are no buttons in SVG.
          <g
            key={node.id}
            class={`graph-node kind-${node.kind}${state}`}
            transform={`translate(${place.x} ${place.y}) scale(${1 / k})`}
            role="button"
            tabindex={index === active ? 0 : -1}
            aria-label={`${END_WORDS[end] ?? ''}${describe(node)}`}
            aria-pressed={end >= 0}
            data-index={index}
          >
            <circle class="graph-reach" r={14 * size} />
            <Shape kind={node.kind} size={size} />
          </g>
        );
      })}
    </g>
  );
}

/** What is written at points: the names that there is room for. Those who do not see it hear the whole ones. */
export function NodeLabels({ nodes, places, marks, labels, k }: LayerProps & { readonly nodes: readonly GraphNode[] }) {
  const marked = new Set([...marks.ends, ...marks.nodes]);
  const size = symbolScale(k);
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it can have the focus, and all of it is told by the nodes.
    <g class="graph-labels" aria-hidden="true">
      {nodes.map((node) => {
        const [place, isEnd] = [places.get(node.id), marks.ends.includes(node.id)];
        if (place === undefined || !(isEnd || labels.nodes.has(node.id))) return null;
        const state = `${isEnd ? ' is-end' : ''}${marked.has(node.id) ? ' is-marked' : ''}`;
        return (
          <text
            key={node.id}
            class={`graph-label kind-${node.kind}${state}`}
            transform={`translate(${place.x} ${place.y}) scale(${1 / k})`}
            y={(node.kind === 'site' ? 12 : 8) * size + 10}
          >
            {drawnLabel(node, marks)}
          </text>
        );
      })}
    </g>
  );
}

/** Sites and routers are told apart by more than their colour. */
function Shape({ kind, size }: Pick<GraphNode, 'kind'> & { readonly size: number }) {
  if (kind === 'router') return <circle class="graph-shape" r={5 * size} />;
  return <rect class="graph-shape" x={-8 * size} y={-8 * size} width={16 * size} height={16 * size} rx={4 * size} />;
}
