import type { NetworkState } from '../../monitor/index.js';
import type { Span } from './model.js';

/** A stretch of the past, cut into equal cells; a bar of it does not shimmer, because the cells stand at multiples of their length. */
export interface Window {
  readonly cells: number;
  /** Milliseconds that one cell stands for. */
  readonly cell: number;
  /** When the last cell ends, by the monotonic clock. */
  readonly end: number;
}

/** The window that so many cells give: five minutes or somewhat more, up to now. */
export function windowOf(cells: number, clock: number): Window {
  const cell = CELLS.find((length) => length * cells >= SHORTEST_WINDOW) ?? LONGEST_CELL;
  return { cells, cell, end: Math.ceil(clock / cell) * cell };
}

/**
 * The state of each cell, the oldest first: the worst that was in it, so that no outage is too short to be seen. What was before the
 * first verdict is not worse than that: it counts only where there is nothing else. Undefined before all of it.
 */
export function cellStates(
  timeline: readonly Span[],
  { cells, cell, end }: Window,
): readonly (NetworkState | undefined)[] {
  return Array.from({ length: cells }, (_, index) => {
    const from = end - (cells - index) * cell;
    const present = timeline.filter((span, order) => {
      const until = timeline[order + 1]?.from ?? Number.POSITIVE_INFINITY;
      return span.from < from + cell && until > from;
    });
    const judged = present.filter((span) => span !== timeline[0] || span.state !== 'unknown');
    const worst = WORST_FIRST.find((state) => judged.some((span) => span.state === state));
    return worst ?? present[0]?.state;
  });
}

/** A ruler for the bar: minutes before now, each mark at its place. */
export function ruler({ cells, cell }: Window, minus: string): string {
  let text = '';
  const minutes = Math.floor((cells * cell) / MINUTE);
  for (let minute = minutes; minute > 0; minute -= 1) {
    const place = cells - Math.round((minute * MINUTE) / cell);
    const mark = `|${minus}${minute} min`;
    // With a space to the one before and to the end.
    const fits = (text === '' || text.length < place) && place + mark.length < cells - NOW.length;
    if (fits) text = text.padEnd(place) + mark;
  }
  return (text.padEnd(cells - NOW.length) + NOW).slice(-cells);
}

const NOW = 'now';
const MINUTE = 60_000;
const SHORTEST_WINDOW = 5 * MINUTE;

/** Lengths that minutes are a multiple of, in milliseconds. */
const CELLS = [1_000, 2_000, 5_000, 10_000, 15_000, 30_000];
const LONGEST_CELL = 60_000;

const WORST_FIRST: readonly NetworkState[] = ['down', 'degraded', 'unknown', 'up'];
