import { type Appearance, paintOf } from '../text/appearance.js';
import { alignColumns, columnsOf, cutTo, fitTo, printable } from '../text/fit.js';
import { formatBitRate } from '../text/rate.js';
import { formatRtt } from '../text/rtt.js';
import { sparkline } from '../text/sparkline.js';
import { type Columns, columnsFor } from './columns.js';
import { averageOf, runsOf, type Tally } from './tally.js';

/** What is shown of all targets. */
export interface ProbesView {
  /** The engine. */
  readonly probe: string;
  readonly tallies: readonly Tally[];
  /** What is known of this host's network, where it is watched. */
  readonly network: { readonly state: 'unknown' | 'up' | 'degraded' | 'down'; readonly reason?: string };
  /** Whether nothing is probed for the time being, because the user wants it so. */
  readonly isPaused?: boolean;
}

export interface ProbesFrame {
  readonly columns: number;
  readonly rows: number;
  readonly appearance: Appearance;
}

/** A row for each target, in at most so many rows of at most so many columns. Pure. */
export function renderProbes(view: ProbesView, { columns, rows, appearance }: ProbesFrame): readonly string[] {
  const { colours, signs } = appearance;
  const { state, reason } = view.network;
  const why = reason === undefined ? '' : ` (${reason})`;
  const title = `${colours.strong(`probe ${view.probe}`)}  network ${paintOf(state, colours)(state)}${why}`;
  const room = Math.max(0, rows - 4);
  const shown = view.tallies.length <= room ? view.tallies : view.tallies.slice(0, Math.max(0, room - 1));
  const left = view.tallies.length - shown.length;
  const table = tableOf(shown, columnsFor(view.probe, view.tallies), columns, appearance);
  const lines = [title, '', ...table, ...(left === 0 ? [] : [colours.dim(`  ${signs.ellipsis} and ${left} more`)])];
  const filled = [...lines, ...new Array<string>(Math.max(0, rows - 1 - lines.length)).fill('')].slice(
    0,
    Math.max(0, rows - 1),
  );
  return [...filled, colours.dim('q quit')]
    .slice(0, Math.max(0, rows))
    .map((line) => cutTo(line, columns, signs.ellipsis));
}

/** The same as a summary at the end, for people. */
export function renderSummary({ tallies }: Pick<ProbesView, 'tallies'>, { colours }: Appearance): readonly string[] {
  const rows = tallies.map((tally) => [
    printable(tally.target),
    `${runsOf(tally)} ${runsOf(tally) === 1 ? 'probe' : 'probes'}`,
    `${tally.counts.ok} ok`,
    paintAbove(tally.counts.failed, `${tally.counts.failed} failed`, colours.bad),
    paintAbove(tally.counts.inconclusive, `${tally.counts.inconclusive} inconclusive`, colours.doubtful),
    timesOf(tally),
  ]);
  return alignColumns(rows);
}

function tableOf(tallies: readonly Tally[], kind: Columns, columns: number, appearance: Appearance): readonly string[] {
  const { colours, signs } = appearance;
  const rows = tallies.map((tally) => kind.cells(tally, colours));
  const aligned = alignColumns([kind.head, ...rows].map((row) => [...row, '']));
  // All rows are as wide as their cells are, trailing spaces apart.
  const width = Math.max(0, ...aligned.map((line) => columnsOf(line))) + 2;
  const room = Math.max(0, columns - width);
  return aligned.map((line, index) => {
    const tally = tallies[index - 1];
    if (tally === undefined) return colours.dim(line);
    return fitTo(line, width) + sparkline(room === 0 ? [] : tally.history.slice(-room), signs);
  });
}

function timesOf(tally: Tally): string {
  const { times, rates } = tally;
  if (rates !== undefined) return ratesOf(rates);
  if (times === undefined) return '';
  return `min/avg/max ${formatRtt(times.min)} / ${formatRtt(averageOf(tally) ?? 0)} / ${formatRtt(times.max)}`;
}

function ratesOf(rates: NonNullable<Tally['rates']>): string {
  return Object.entries(rates)
    .map(([direction, { min, max, sum, count }]) => {
      return `${direction} min/avg/max ${[min, sum / count, max].map(formatBitRate).join(' / ')}`;
    })
    .join('  ');
}

function paintAbove(value: number, text: string, paint: (text: string) => string): string {
  return value > 0 ? paint(text) : text;
}
