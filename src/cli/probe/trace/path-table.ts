import type { Appearance } from '../../text/appearance.js';
import { clockTime } from '../../text/clock-time.js';
import { alignColumns, columnsOf, cutTo, fitTo, printable } from '../../text/fit.js';
import { formatPercent } from '../../text/percent.js';
import { sparkline } from '../../text/sparkline.js';
import { describeGeoBriefly } from '../describe-geo.js';
import { describeSigns, describeWho } from './address-words.js';
import { type HopModel, isLimited, lossAt, type SeenAddress } from './hop-model.js';
import { DISPLAYS, type DisplayKind, type PathDisplay } from './path-displays.js';
import type { PathModel } from './path-model.js';

/** How a table of hops is made. */
export interface PathTableOptions {
  readonly display: PathDisplay;
  /** How many there are on the screen; undefined for a report, which is as wide as it is. */
  readonly columns?: number | undefined;
  /** The name of an address, where names are wanted and it has one. */
  readonly nameOf: (address: string) => string | undefined;
  readonly appearance: Appearance;
}

/** The hops of a path, a line for each and its past behind it; none where nothing is known. Pure. */
export function renderPathTable(path: PathModel, options: PathTableOptions): readonly string[] {
  const { columns, appearance } = options;
  const hops = path.hops.slice(0, path.length);
  if (hops.length === 0) return [];
  const kind = DISPLAYS[options.display];
  const rows = hops.flatMap((hop, index) => {
    return rowsOf(hop, { ...options, path, kind, isLimiting: isLimited(hop, hops.slice(index + 1)) });
  });
  const cells = [[...HEAD, ...kind.head, ''], ...rows.map((row) => [...row.cells, ''])];
  const lines = alignColumns(columns === undefined ? cells : withinColumns(cells, columns, kind, appearance));
  const indent = ' '.repeat(Math.max(...cells.map(([, loss = '']) => columnsOf(loss))) + HOP_COLUMNS);
  const past =
    columns === undefined || kind.past === 0 ? rows.map(() => '') : pastsOf(rows, lines, columns, appearance);
  const [head = '', ...body] = lines;
  return [
    appearance.colours.dim(head),
    ...body.flatMap((line, index) => [
      `${line}${past[index] ?? ''}`,
      ...(rows[index]?.before.map((each) => indent + each) ?? []),
    ]),
  ];
}

/** Whether any hop limits its errors, so that its asterisk has to be explained. */
export function hasLimited({ hops, length }: PathModel): boolean {
  return hops.slice(0, length).some((hop, index) => isLimited(hop, hops.slice(index + 1, length)));
}

const HEAD = ['HOP', 'LOSS', 'HOST'] as const;

/** The first column, and the gaps around the second. */
const HOP_COLUMNS = 7;

/** The place of the column in the table. */
const HOST = 2;

/** An IPv4 address. */
const NARROWEST_HOST = 15;

/** Lines under each hop. */
const MOST_OTHERS = 3;

/** What a row is made with. */
interface RowContext extends PathTableOptions {
  readonly path: PathModel;
  readonly isLimiting: boolean;
  readonly kind: DisplayKind;
}

interface Row {
  readonly cells: readonly string[];
  /** Whose past stands behind it. */
  readonly hop?: HopModel;
  /** Who was there before, a line each. */
  readonly before: readonly string[];
}

/** Those who answered last have a row each, and under those stand some who were there before. */
function rowsOf(hop: HopModel, context: RowContext): readonly Row[] {
  const { kind, appearance } = context;
  const [first, ...others] = hop.addresses;
  const head = [String(hop.ttl).padStart(3), lossCell(hop, context)];
  if (first === undefined) {
    return [{ cells: [...head, appearance.colours.dim('no answer'), ...kind.cells(hop, first)], hop, before: [] }];
  }
  const current = others.filter(({ seenAt }) => seenAt === first.seenAt).slice(0, MOST_OTHERS);
  const before = others.filter(({ seenAt }) => seenAt !== first.seenAt).slice(0, MOST_OTHERS);
  const blank = kind.head.map(() => '');
  const rows = [
    [...head, hostCell(first, context), ...kind.cells(hop, first)],
    ...current.map((each) => ['', '', hostCell(each, context), ...(kind.isOfAddress ? kind.cells(hop, each) : blank)]),
  ];
  return rows.map((cells, index) => ({
    cells,
    ...(index === 0 && { hop }),
    before: index === rows.length - 1 ? before.map((each) => wasThere(each, context)) : [],
  }));
}

/** Only a loss that goes on to the target is one of the path. */
function lossCell(hop: HopModel, { path, isLimiting, appearance: { colours } }: RowContext): string {
  const loss = lossAt(hop);
  if (loss === undefined) return '-';
  const text = `${formatPercent(loss)}${isLimiting ? ' *' : ''}`;
  const goesOn = lossAt(path.hops[path.length - 1] ?? hop) ?? 0;
  return loss > 0 && loss <= goesOn ? colours.bad(text) : text;
}

function hostCell(address: SeenAddress, context: RowContext): string {
  const { colours } = context.appearance;
  const signs = describeSigns(address).map((sign) => ` ${colours.doubtful(sign)}`);
  const geo = address.geo === undefined || context.display === 'places' ? '' : describeGeoBriefly(address.geo);
  return `${whoIs(address, context)}${signs.join('')}${geo === '' ? '' : colours.dim(` ${geo}`)}`;
}

function wasThere(address: SeenAddress, context: RowContext): string {
  return context.appearance.colours.doubtful(`until ${clockTime(address.seenAt)} ${whoIs(address, context)}`);
}

/** On a screen there is room for the name alone. */
function whoIs({ address }: SeenAddress, { nameOf, columns }: RowContext): string {
  const name = nameOf(address);
  if (columns !== undefined || name === undefined) return printable(name ?? address);
  return describeWho({ address, name });
}

/** Names are what is cut where there is no room for everything. */
function withinColumns(
  cells: readonly (readonly string[])[],
  columns: number,
  { past }: DisplayKind,
  { signs }: Appearance,
): readonly (readonly string[])[] {
  const tooMany = Math.max(...alignColumns(cells).map((line) => columnsOf(line))) - columns * (1 - past);
  if (tooMany <= 0) return cells;
  const widest = Math.max(...cells.map((row) => columnsOf(row[HOST] ?? '')));
  const room = Math.max(NARROWEST_HOST, Math.floor(widest - tooMany));
  return cells.map((row) => row.map((cell, column) => (column === HOST ? cutTo(cell, room, signs.ellipsis) : cell)));
}

/** The newest rounds of each row, under each other also where a hop has been there for fewer. */
function pastsOf(
  rows: readonly Row[],
  [head = '', ...body]: readonly string[],
  columns: number,
  { signs }: Appearance,
): readonly string[] {
  const width = Math.max(...[head, ...body].map((line) => columnsOf(line))) + 2;
  const room = Math.max(0, columns - width);
  const longest = Math.min(room, Math.max(...rows.map(({ hop }) => hop?.history.length ?? 0)));
  return body.map((line, index) => {
    const history = rows[index]?.hop?.history;
    if (room === 0 || history === undefined) return '';
    const gap = fitTo('', width - columnsOf(line));
    return `${gap}${sparkline(history.slice(-room), signs).padStart(longest)}`;
  });
}
