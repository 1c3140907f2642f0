import type { Places } from './force-layout.js';
import type { GraphLink, GraphMarks, GraphNode } from './graph-model.js';
import { type LabelBox, placeLabels } from './place-labels.js';

/** What labels are chosen of. */
export interface LabelledGraph {
  readonly nodes: readonly GraphNode[];
  readonly links: readonly GraphLink[];
  readonly places: Places;
  readonly marks: GraphMarks;
  /** How much is enlarged. */
  readonly k: number;
}

/** Ids of the nodes and links whose labels are shown. */
export interface ShownLabels {
  readonly nodes: ReadonlySet<string>;
  readonly links: ReadonlySet<string>;
}

/** Characters; the whole name is in the details. */
export const LONGEST_LABEL = 24;

/** Links of which each has its label. */
const FEW_LINKS = 24;
/** Nodes of which routers have theirs, and from how much enlarged in larger graphs. */
const FEW_NODES = 40;
const NEAR = 1.1;

/** Of all labels those that there is room for: what is marked first, then sites, what is slow, and routers. */
export function shownLabels({ nodes, links, places, marks, k }: LabelledGraph): ShownLabels {
  const marked = new Set([...marks.ends, ...marks.nodes]);
  const isNear = nodes.length <= FEW_NODES || k >= NEAR;
  const boxOf = (node: GraphNode): readonly LabelBox[] => nodeBox(node, marks, places, k);
  const lineOf = (link: GraphLink): readonly LabelBox[] => linkBox(link, places, k);
  const isWanted = ({ id, isNotable }: GraphLink): boolean =>
    marks.links.size > 0 ? marks.links.has(id) : isNotable || links.length <= FEW_LINKS;
  const boxes = [
    ...nodes.filter(({ id }) => marked.has(id)).flatMap(boxOf),
    ...nodes.filter(({ id, kind }) => !marked.has(id) && kind === 'site').flatMap(boxOf),
    ...links.filter(isWanted).flatMap(lineOf),
    ...nodes.filter(({ id, kind }) => isNear && !marked.has(id) && kind === 'router').flatMap(boxOf),
  ];
  const placed = placeLabels(boxes);
  return {
    nodes: new Set(nodes.map(({ id }) => id).filter((id) => placed.has(`node ${id}`))),
    links: new Set(links.map(({ id }) => id).filter((id) => placed.has(`link ${id}`))),
  };
}

/** A label as it is drawn: of the ends of a path it says which one it is. */
export function drawnLabel({ id, label }: GraphNode, { ends }: GraphMarks): string {
  const short = label.length > LONGEST_LABEL ? `${label.slice(0, LONGEST_LABEL - 1)}…` : label;
  return `${END_WORDS[ends.indexOf(id)] ?? ''}${short}`;
}

/** Which end of a path a node is. */
export const END_WORDS: readonly string[] = ['from ', 'to '];

function nodeBox(node: GraphNode, marks: GraphMarks, places: Places, k: number): readonly LabelBox[] {
  const { id, kind } = node;
  const place = places.get(id);
  if (place === undefined) return [];
  const y = place.y * k + (kind === 'site' ? 12 : 8) * symbolScale(k);
  return [{ id: `node ${id}`, x: place.x * k, y, width: widthOf(drawnLabel(node, marks)), height: 16 }];
}

function linkBox({ id, source, target, label }: GraphLink, places: Places, k: number): readonly LabelBox[] {
  const [from, to] = [places.get(source), places.get(target)];
  if (from === undefined || to === undefined) return [];
  const [x, y] = [((from.x + to.x) / 2) * k, ((from.y + to.y) / 2) * k - 8];
  return [{ id: `link ${id}`, x, y, width: widthOf(label), height: 15 }];
}

/** Pixels of a text: an upper bound for most, at 12 pixels. */
function widthOf(text: string): number {
  return text.length * 7 + 6;
}

/** How large symbols are: in a graph that is seen from far away they are smaller, so that they do not hide each other. */
export function symbolScale(k: number): number {
  return Math.max(0.55, Math.min(1, k / 0.9));
}
