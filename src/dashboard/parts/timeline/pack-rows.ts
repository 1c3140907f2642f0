import type { Span, TimeRange } from './timeline-model.js';

/** A span as it is drawn: pixels from the left, and the row. */
export interface Bar {
  readonly span: Span;
  readonly x: number;
  readonly width: number;
  readonly row: number;
}

/** The bars of a lane. */
export interface PackedLane {
  /** By their begin. */
  readonly bars: readonly Bar[];
  readonly rows: number;
  /** Spans for which there was no room. */
  readonly left: number;
}

/** Where things are drawn. */
export interface Drawing {
  readonly range: TimeRange;
  /** Pixels. */
  readonly width: number;
}

/** Pixels: narrower ones could not be pointed at. */
export const NARROWEST = 6;
/** Rows of one lane. */
const MOST_ROWS = 4;
/** Pixels between two bars of a row. */
const GAP = 2;

/** The spans of a lane that fall into a range, so that none lies on another: each in the first row that is free. */
export function packRows(spans: readonly Span[], { range, width }: Drawing): PackedLane {
  const ends: number[] = [];
  const bars: Bar[] = [];
  let left = 0;
  for (const span of inRange(spans, range)) {
    const { x, width: wide } = extent(span, range, width);
    const free = ends.findIndex((end) => end + GAP <= x);
    const row = free === -1 ? ends.length : free;
    if (row >= MOST_ROWS) {
      left += 1;
      continue;
    }
    ends[row] = x + wide;
    bars.push({ span, x, width: wide, row });
  }
  return { bars, rows: Math.max(1, ends.length), left };
}

/** Those that are seen, the earliest first. */
function inRange(spans: readonly Span[], { from, until }: TimeRange): readonly Span[] {
  return spans
    .filter((span) => span.from < until && (span.until === undefined || span.until >= from))
    .sort((a, b) => a.from - b.from || (a.id < b.id ? -1 : 1));
}

/** What begins before the range, or goes on, reaches to the edge. */
function extent(span: Span, range: TimeRange, width: number): { readonly x: number; readonly width: number } {
  const scale = width / Math.max(1, range.until - range.from);
  const at = (time: number): number => Math.max(0, Math.min(width, (time - range.from) * scale));
  const [begin, end] = [at(span.from), at(span.until ?? range.until)];
  const wide = Math.min(width, Math.max(NARROWEST, end - begin));
  return { x: Math.min(begin, width - wide), width: wide };
}
