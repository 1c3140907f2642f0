import { escapeHtml } from '../../server/index.js';
import type { Topology, TopologyEdge, TopologyNode } from './graph.js';

/** How large the picture is, in inches of 80 pixels. */
export interface SvgSize {
  readonly width: number;
  readonly height: number;
}

const PIXELS = 80;
/** Characters. */
const LONGEST_LABEL = 24;

/** A picture of a topology that needs no script: what is hovered over is told by titles. */
export function renderTopologySvg({ nodes, edges }: Topology, { width, height }: SvgSize): string {
  const [w, h] = [width * PIXELS, height * PIXELS];
  const scale = 0.4 * Math.min(w, h);
  const places = new Map(nodes.map(({ id, x, y }) => [id, [w / 2 + x * scale, h / 2 + y * scale] as const]));
  const at = (id: string) => places.get(id) ?? [w / 2, h / 2];
  const parts = nodes.length === 0 ? [text(w / 2, h / 2, 'no routes have been reported')] : [];
  return `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" role="img" aria-label="Topology">
<style>
text { font: 12px system-ui, sans-serif; text-anchor: middle; fill: CanvasText; }
line { stroke-width: 2; } .green { stroke: #1a7f37; } .orange { stroke: #bc6c00; stroke-dasharray: 6 3; } .red { stroke: #cf222e; stroke-dasharray: 2 3; }
.location { fill: #0969da; } .router { fill: #6e7781; }
</style>
${[...parts, ...edges.map((edge) => line(edge, at)), ...nodes.map((node) => circle(node, at))].join('\n')}
</svg>
`;
}

type At = (id: string) => readonly [number, number];

/** Colour is not all that tells them apart: the lines are dashed too. */
function line({ source, target, latency, route, color }: TopologyEdge, at: At): string {
  const [[x1, y1], [x2, y2]] = [at(source), at(target)];
  const title = escapeHtml(printable(`${route}: ${latency.toFixed(2)} ms`));
  return `<line class="${color}" x1="${fixed(x1)}" y1="${fixed(y1)}" x2="${fixed(x2)}" y2="${fixed(y2)}"><title>${title}</title></line>`;
}

function circle({ id, type, label }: TopologyNode, at: At): string {
  const [x, y] = at(id);
  const radius = type === 'location' ? 14 : 6;
  const shape = `<circle class="${type}" cx="${fixed(x)}" cy="${fixed(y)}" r="${radius}"><title>${escapeHtml(printable(label))}</title></circle>`;
  return shape + text(x, y + radius + 14, label.length > LONGEST_LABEL ? `${label.slice(0, LONGEST_LABEL)}…` : label);
}

function text(x: number, y: number, content: string): string {
  return `<text x="${fixed(x)}" y="${fixed(y)}">${escapeHtml(printable(content))}</text>`;
}

/** XML has no way to write most control characters (XML 1.0, section 2.2); half a surrogate pair becomes U+FFFD on its way through UTF-8. */
function printable(content: string): string {
  return Buffer.from(content)
    .toString()
    .replace(/[\p{Cc}\ufffe\uffff]/gu, '\ufffd');
}

function fixed(value: number): string {
  return value.toFixed(1);
}
