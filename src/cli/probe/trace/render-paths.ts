import { type Appearance, paintOf } from '../../text/appearance.js';
import { clockTime } from '../../text/clock-time.js';
import { cutTo, printable } from '../../text/fit.js';
import { describeFailure } from '../describe-result.js';
import type { ProbesView } from '../render-probes.js';
import { LIMITED } from './address-words.js';
import type { PathDisplay } from './path-displays.js';
import type { PathModel } from './path-model.js';
import { hasLimited, renderPathTable } from './path-table.js';
import { shareRows } from './share-rows.js';

/** What the screen of paths shows. */
export interface PathsView {
  readonly network: ProbesView['network'];
  readonly paths: readonly PathModel[];
  readonly display: PathDisplay;
  readonly isPaused: boolean;
  /** The name of an address, where names are wanted and it has one. */
  readonly nameOf: (address: string) => string | undefined;
}

export interface PathsFrame {
  readonly columns: number;
  readonly rows: number;
  readonly appearance: Appearance;
}

/** A table of hops for each target, in at most so many rows of at most so many columns. Pure. */
export function renderPaths(view: PathsView, { columns, rows, appearance }: PathsFrame): readonly string[] {
  const { colours, signs } = appearance;
  const { display, nameOf } = view;
  const tables = view.paths.map((path) => [
    '',
    ...titleLines(path, appearance),
    ...renderPathTable(path, { display, columns, nameOf, appearance }),
  ]);
  const footer = [...(view.paths.some(hasLimited) ? [colours.dim(LIMITED)] : []), colours.dim(KEYS)];
  const head = [headline(view, appearance), ...notesOf(view, appearance)];
  const heights = shareRows(
    tables.map((table) => table.length),
    Math.max(0, rows - head.length - footer.length),
  );
  const shown = tables.flatMap((table, index) => cutRows(table, heights[index] ?? 0, appearance));
  const height = Math.max(0, rows - footer.length);
  const filled = [...head, ...shown, ...new Array<string>(height).fill('')].slice(0, height);
  return [...filled, ...footer].slice(-Math.max(1, rows)).map((line) => cutTo(line, columns, signs.ellipsis));
}

/** The same as a report at the end: all columns and rows, names with their addresses, and no past. Pure. */
export function renderReport({ paths, nameOf }: PathsView, appearance: Appearance): readonly string[] {
  return paths.flatMap((path) => [
    ...titleLines(path, appearance),
    ...renderPathTable(path, { display: 'times', nameOf, appearance }),
    ...(hasLimited(path) ? [appearance.colours.dim(LIMITED)] : []),
  ]);
}

const KEYS = 'q quit  r reset  p pause  n names  d display';

function headline({ network: { state, reason }, isPaused }: PathsView, { colours }: Appearance): string {
  const why = reason === undefined ? '' : ` (${reason})`;
  const paused = isPaused ? `  ${colours.strong('paused')}` : '';
  return `${colours.strong('probe trace')}  network ${paintOf(state, colours)(state)}${why}${paused}`;
}

function notesOf({ network: { state } }: PathsView, { colours }: Appearance): readonly string[] {
  return state === 'down' ? [colours.bad('this host is offline: what is lost now counts for nothing')] : [];
}

/** Which target, how often it was traced, and what was wrong the last time. */
function titleLines(path: PathModel, { colours }: Appearance): readonly string[] {
  const { target, address, rounds, reached, unjudged, last } = path;
  const who = address === undefined || target.includes(address) ? target : `${target} (${address})`;
  const lost = rounds - reached;
  const parts = [
    `${rounds} ${rounds === 1 ? 'round' : 'rounds'}`,
    ...(lost > 0 ? [colours.bad(`${lost} did not reach it`)] : []),
    ...(unjudged > 0 ? [colours.doubtful(`${unjudged} more not judged`)] : []),
    ...changesOf(path).map((text) => colours.doubtful(text)),
  ];
  const title = `${colours.strong(printable(who))}  ${parts.join(', ')}`;
  if (last === undefined || last.status === 'ok') return [title];
  const paint = last.status === 'failed' ? colours.bad : colours.doubtful;
  return [title, paint(`${last.status} (${describeFailure(last)}): ${printable(last.message ?? '')}`)];
}

function changesOf({ changes, changedAt }: PathModel): readonly string[] {
  if (changedAt === undefined) return [];
  return [`path changed ${changes === 1 ? 'once' : `${changes} times`}, last ${clockTime(changedAt)}`];
}

/** The first rows and the last one, which has the target; what is left out is said. */
function cutRows(rows: readonly string[], height: number, { colours, signs }: Appearance): readonly string[] {
  if (rows.length <= height) return rows;
  if (height < 3) return rows.slice(0, height);
  const left = rows.length - height + 1;
  return [...rows.slice(0, height - 2), colours.dim(`  ${signs.ellipsis} and ${left} more`), ...rows.slice(-1)];
}
