import './graph.css';
import { useMemo } from 'preact/hooks';
import { shownLabels } from './graph-labels.js';
import { LinkLabels, Links, NodeLabels, Nodes } from './graph-layers.js';
import type { GraphLink, GraphMarks, GraphNode } from './graph-model.js';
import { useGraph } from './use-graph.js';

/** Properties of {@link Graph}. */
export interface GraphProps {
  /** In the order in which the keyboard leads through them. */
  readonly nodes: readonly GraphNode[];
  readonly links: readonly GraphLink[];
  readonly marks: GraphMarks;
  /** What it shows, for those who do not see it. */
  readonly label: string;
  /** What is said of a node that is pointed at or has the focus: its name is part of it. */
  readonly describe: (node: GraphNode) => string;
  /** A node was chosen. */
  readonly onPick: (node: GraphNode) => void;
  /** What was chosen is to be forgotten. */
  readonly onClear: () => void;
}

/** A graph that can be moved, enlarged and walked through by keyboard. */
export function Graph(props: GraphProps) {
  const { nodes, links, marks, label, describe } = props;
  const { picture, content, places, zoom, showAll, current, told, handlers } = useGraph(props);
  const layers = useMemo(() => {
    if (places === undefined) return null;
    const drawn = { places, marks, labels: shownLabels({ nodes, links, places, marks, k: zoom.k }), k: zoom.k };
    return (
      <>
        <Links {...drawn} links={links} />
        <Nodes {...drawn} nodes={nodes} active={current} describe={describe} />
        <LinkLabels {...drawn} links={links} />
        <NodeLabels {...drawn} nodes={nodes} />
      </>
    );
  }, [nodes, links, places, marks, zoom.k, current, describe]);
  const node = nodes[told];
  return (
    <div class="graph" {...handlers}>
      <Tools zoomBy={zoom.zoomBy} showAll={showAll} />
      {/* biome-ignore lint/a11y/useSemanticElements: it is a picture, and no set of fields. */}
      <svg
        ref={picture}
        class={`graph-picture${marks.nodes.length > 0 ? ' has-path' : ''}${links.length > MANY_LINKS ? ' is-dense' : ''}`}
        role="group"
        aria-label={label}
        aria-busy={places === undefined}
      >
        <g ref={content}>{layers}</g>
      </svg>
      {places === undefined && <p class="graph-wait">Placing {nodes.length} nodes …</p>}
      <p class="graph-told">{node === undefined ? '' : describe(node)}</p>
    </div>
  );
}

/** Lines that are drawn finer, so that the nodes are seen. */
const MANY_LINKS = 250;

interface ToolsProps {
  readonly zoomBy: (factor: number) => void;
  readonly showAll: () => void;
}

const STEP = 1.4;

function Tools({ zoomBy, showAll }: ToolsProps) {
  return (
    <div class="graph-tools">
      <button type="button" onClick={() => zoomBy(STEP)} aria-label="Zoom in" title="Zoom in (+)">
        +
      </button>
      <button type="button" onClick={() => zoomBy(1 / STEP)} aria-label="Zoom out" title="Zoom out (-)">
        −
      </button>
      <button type="button" onClick={showAll} title="Show all (0)">
        Show all
      </button>
    </div>
  );
}
