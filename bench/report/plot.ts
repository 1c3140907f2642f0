import type { Row } from '../row.js';
import type { Summary } from '../statistics.js';
import { type Axis, axisOf } from './axis.js';
import { formatFigure } from './figure.js';

/**
 * Draws rows as an SVG: for each name a group of lines, ours and one for each reference, each with its figure as a dot, the middle half of
 * its measurements as a bar, and all but the slowest hundredth and fastest as a thin line. Rows of different units get panels of their own.
 */
export function drawRows(title: string, rows: readonly Row[]): string {
  const panels = panelsOf(rows);
  const top = 48;
  const { parts, bottom } = stack(panels, top);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${bottom}" role="img" aria-label="${inXml(title)}">`,
    `<style>${STYLE}</style>`,
    `<text class="title" x="16" y="28">${inXml(title)}</text>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

const WIDTH = 860;
/** Where the axis begins and ends; names stand left of it, figures right of it. */
const LEFT = 280;
const RIGHT = 760;
const LINE = 20;
const GROUP_HEADING = 24;
const PANEL_FOOT = 44;

/** Readable on light and dark pages alike. */
const STYLE = `
text { font: 12px system-ui, sans-serif; fill: #24292f; }
.title { font-size: 16px; font-weight: 600; }
.group { font-weight: 600; }
.name, .tick { fill: #57606a; }
.grid { stroke: #d0d7de; }
.ours { fill: #0969da; stroke: #0969da; }
.other { fill: #8c959f; stroke: #8c959f; }
text.ours, text.other { stroke: none; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .name, .tick { fill: #9198a1; }
  .grid { stroke: #3d444d; }
  .ours { fill: #4493f8; stroke: #4493f8; }
}`;

interface Line {
  readonly label: string;
  readonly kind: 'ours' | 'other';
  readonly figure: number | null;
  readonly spread: Summary | null;
}

interface Group {
  readonly name: string;
  readonly lines: readonly Line[];
}

interface Panel {
  readonly unit: string;
  readonly groups: readonly Group[];
}

function panelsOf(rows: readonly Row[]): readonly Panel[] {
  return distinct(rows.map(({ unit }) => unit)).map((unit) => ({
    unit,
    groups: groupsOf(rows.filter((row) => row.unit === unit)),
  }));
}

function groupsOf(rows: readonly Row[]): readonly Group[] {
  return distinct(rows.map(({ name }) => name)).map((name) => {
    const same = rows.filter((row) => row.name === name);
    return { name, lines: [...same.slice(0, 1).map(ourLine), ...same.map(referenceLine)] };
  });
}

function ourLine({ ours, spread }: Row): Line {
  return { label: 'netpause', kind: 'ours', figure: ours, spread: spread.ours };
}

function referenceLine({ referenceName, reference, spread }: Row): Line {
  return { label: referenceName, kind: 'other', figure: reference, spread: spread.reference };
}

function stack(panels: readonly Panel[], top: number): { readonly parts: readonly string[]; readonly bottom: number } {
  return panels.reduce<{ readonly parts: readonly string[]; readonly bottom: number }>(
    ({ parts, bottom }, panel) => {
      const height = heightOf(panel);
      return { parts: [...parts, ...drawPanel(panel, bottom, bottom + height)], bottom: bottom + height + PANEL_FOOT };
    },
    { parts: [], bottom: top },
  );
}

function heightOf({ groups }: Panel): number {
  return groups.reduce((sum, { lines }) => sum + GROUP_HEADING + lines.length * LINE, 0);
}

function drawPanel({ unit, groups }: Panel, top: number, bottom: number): readonly string[] {
  const axis = axisOf(
    groups.flatMap(({ lines }) => lines.flatMap(extent)),
    { from: LEFT, to: RIGHT },
  );
  const drawn: string[] = [...drawGrid(axis, unit, top, bottom)];
  let y = top;
  for (const { name, lines } of groups) {
    y += GROUP_HEADING;
    drawn.push(`<text class="group" x="16" y="${y - 7}">${inXml(name)}</text>`);
    for (const line of lines) {
      drawn.push(...drawLine(line, axis, y + LINE / 2));
      y += LINE;
    }
  }
  return drawn;
}

function drawGrid(axis: Axis, unit: string, top: number, bottom: number): readonly string[] {
  return [
    ...axis.ticks.flatMap((tick) => {
      const x = round(axis.at(tick));
      return [
        `<line class="grid" x1="${x}" x2="${x}" y1="${top}" y2="${bottom}"/>`,
        `<text class="tick" x="${x}" y="${bottom + 16}" text-anchor="middle">${formatFigure(tick)}</text>`,
      ];
    }),
    `<text class="tick" x="${LEFT - 28}" y="${bottom + 16}" text-anchor="end">${inXml(unit)}</text>`,
  ];
}

function drawLine({ label, kind, figure, spread }: Line, axis: Axis, y: number): readonly string[] {
  const name = `<text class="name" x="${LEFT - 12}" y="${y + 4}" text-anchor="end">${inXml(label)}</text>`;
  if (figure === null) return [name, `<text class="${kind}" x="${LEFT + 4}" y="${y + 4}">never</text>`];
  const [x, text] = [round(axis.at(figure)), formatFigure(figure)];
  return [
    name,
    ...(spread === null
      ? []
      : [
          stroke(kind, 1, axis.at(spread.min), axis.at(spread.p99), y),
          stroke(kind, 5, axis.at(spread.p25), axis.at(spread.p75), y),
        ]),
    `<circle class="${kind}" cx="${x}" cy="${y}" r="4.5"/>`,
    `<text class="${kind}" x="${WIDTH - 16}" y="${y + 4}" text-anchor="end">${text}</text>`,
  ];
}

function stroke(kind: Line['kind'], width: number, from: number, to: number, y: number): string {
  const ends = `x1="${round(from)}" x2="${round(to)}" y1="${y}" y2="${y}"`;
  return `<line class="${kind}" ${ends} stroke-width="${width}" stroke-opacity="0.45"/>`;
}

function extent({ figure, spread }: Line): readonly number[] {
  return [...(figure === null ? [] : [figure]), ...(spread === null ? [] : [spread.min, spread.p99])];
}

function distinct(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function inXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
