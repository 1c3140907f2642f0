import type { Row } from '../row.js';
import { formatFigure } from './figure.js';

/** The rows as text in columns, for a terminal. */
export function toTable(rows: readonly Row[]): string {
  const lines = [HEADINGS, ...rows.map(cells)];
  const widths = HEADINGS.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => pad(cell, widths[column] ?? 0, column))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const HEADINGS = ['figure', 'unit', 'netpause', 'middle half', 'reference', '', 'ratio', 'target', 'met', 'trials'];

/** Numbers stand at the right. */
const RIGHT = new Set(
  ['netpause', 'middle half', 'reference', 'ratio', 'trials'].map((heading) => HEADINGS.indexOf(heading)),
);

function cells(row: Row): readonly string[] {
  const { ours: spread } = row.spread;
  return [
    row.name,
    row.unit,
    orDash(row.ours),
    spread === null ? '–' : `${formatFigure(spread.p25)} … ${formatFigure(spread.p75)}`,
    orDash(row.reference),
    row.referenceName,
    orDash(row.ratio),
    row.target ?? '',
    row.met === null ? '' : row.met ? 'yes' : 'NO',
    `${row.trials}`,
  ];
}

function orDash(value: number | null): string {
  return value === null ? '–' : formatFigure(value);
}

function pad(cell: string, width: number, column: number): string {
  return RIGHT.has(column) ? cell.padStart(width) : cell.padEnd(width);
}
