import { type Appearance, type Colours, paintOf } from '../text/appearance.js';
import { alignColumns, columnsOf, cutTo, fitTo, printable } from '../text/fit.js';
import { formatRtt } from '../text/rtt.js';
import { sparkline } from '../text/sparkline.js';
import { describeFailure } from './describe-result.js';
import { averageOf, lossOf, runsOf, type Tally, timeOf } from './tally.js';

/** What is shown of all targets. */
export interface ProbesView {
  /** The engine. */
  readonly probe: string;
  readonly tallies: readonly Tally[];
  /** What is known of this host's network, where it is watched. */
  readonly network: { readonly state: 'unknown' | 'up' | 'degraded' | 'down'; readonly reason?: string };
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
  const table = tableOf(shown, columns, appearance);
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

function tableOf(tallies: readonly Tally[], columns: number, appearance: Appearance): readonly string[] {
  const { colours, signs } = appearance;
  const rows = tallies.map((tally) => cellsOf(tally, colours));
  const aligned = alignColumns([HEAD, ...rows].map((row) => [...row, '']));
  // All rows are as wide as their cells are, trailing spaces apart.
  const width = Math.max(0, ...aligned.map((line) => columnsOf(line))) + 2;
  const room = Math.max(0, columns - width);
  return aligned.map((line, index) => {
    const tally = tallies[index - 1];
    if (tally === undefined) return colours.dim(line);
    return fitTo(line, width) + sparkline(room === 0 ? [] : tally.history.slice(-room), signs);
  });
}

const HEAD = ['TARGET', 'LAST', 'MIN', 'AVG', 'MAX', 'LOSS'] as const;

function cellsOf(tally: Tally, colours: Colours): readonly string[] {
  const { times, last } = tally;
  const loss = lossOf(tally);
  return [
    printable(tally.target),
    last === undefined ? '-' : lastOf(last, colours),
    times === undefined ? '-' : formatRtt(times.min),
    times === undefined ? '-' : formatRtt(averageOf(tally) ?? 0),
    times === undefined ? '-' : formatRtt(times.max),
    loss === undefined ? '-' : paintAbove(loss, percent(loss), colours.bad),
  ];
}

function lastOf(last: NonNullable<Tally['last']>, colours: Colours): string {
  if (last.status === 'failed') return colours.bad(describeFailure(last));
  if (last.status === 'inconclusive') return colours.doubtful(describeFailure(last));
  const time = timeOf(last);
  return time === undefined ? 'ok' : formatRtt(time);
}

function timesOf(tally: Tally): string {
  const { times } = tally;
  if (times === undefined) return '';
  return `min/avg/max ${formatRtt(times.min)} / ${formatRtt(averageOf(tally) ?? 0)} / ${formatRtt(times.max)}`;
}

/** Rounded away from nothing and from all: a loss of one in a thousand is no 0 %. */
function percent(fraction: number): string {
  const rounded = Math.round(fraction * 100);
  if (fraction > 0 && rounded === 0) return '<1%';
  return fraction < 1 && rounded === 100 ? '>99%' : `${rounded}%`;
}

function paintAbove(value: number, text: string, paint: (text: string) => string): string {
  return value > 0 ? paint(text) : text;
}
