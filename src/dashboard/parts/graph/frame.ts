import type { Places } from './force-layout.js';
import type { Place } from './graph-model.js';

/** How a graph is moved and enlarged: a place p is drawn at `p × k + (x, y)`. */
export interface View {
  readonly k: number;
  readonly x: number;
  readonly y: number;
}

/** Pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Pixels around the graph, for labels. */
const MARGIN = 44;
/** A graph of two nodes is not blown up. */
const LARGEST = 1.6;

/** The view in which all of a graph is seen, or those of its nodes that are named. */
export function frameOf(places: Places, { width, height }: Size, only?: readonly string[]): View {
  const named = only?.flatMap((id) => places.get(id) ?? []);
  const all = named === undefined || named.length === 0 ? [...places.values()] : named;
  if (all.length === 0) return { k: 1, x: width / 2, y: height / 2 };
  const [left, right] = rangeOf(all.map(({ x }) => x));
  const [top, bottom] = rangeOf(all.map(({ y }) => y));
  const room = (length: number) => Math.max(1, length - 2 * MARGIN);
  const k = Math.min(LARGEST, room(width) / Math.max(1, right - left), room(height) / Math.max(1, bottom - top));
  return { k, x: width / 2 - (k * (left + right)) / 2, y: height / 2 - (k * (top + bottom)) / 2 };
}

function rangeOf(values: readonly number[]): readonly [number, number] {
  // Not by Math.min(...values): there may be more of them than a call takes.
  return values.reduce<readonly [number, number]>(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
}

/** Pixels from the edge within which something counts as not seen. */
const EDGE = 40;
/** Below that, nodes cannot be told apart. */
const SMALLEST = 0.5;

/** How far to move, so that a place is seen: pixels to the right and down. */
export function intoSight({ x, y }: Place, view: View, { width, height }: Size): readonly [number, number] {
  return [inside(x * view.k + view.x, width), inside(y * view.k + view.y, height)];
}

function inside(at: number, length: number): number {
  return Math.max(EDGE, Math.min(length - EDGE, at)) - at;
}

/** Whether all of them are seen, and large enough to tell them apart. */
export function isSeen(ids: readonly string[], places: Places, view: View, size: Size): boolean {
  const named = ids.flatMap((id) => places.get(id) ?? []);
  return view.k >= SMALLEST && named.every((place) => intoSight(place, view, size).every((distance) => distance === 0));
}
