/** From figures to places along a line. */
export interface Axis {
  readonly ticks: readonly number[];
  /** The place of a figure; what lies beyond an end is put at that end. */
  at(figure: number): number;
}

export interface Places {
  readonly from: number;
  readonly to: number;
}

/** Figures of more than this ratio do not fit beside each other on a linear axis. */
const WIDEST_LINEAR = 20;

/** A logarithmic axis where all figures are positive and far apart, a linear one that begins at 0 otherwise. */
export function axisOf(figures: readonly number[], places: Places): Axis {
  const smallest = Math.min(...figures);
  const largest = Math.max(...figures);
  if (figures.length === 0 || largest <= 0) return linear(1, places);
  return smallest > 0 && largest / smallest > WIDEST_LINEAR
    ? logarithmic(smallest, largest, places)
    : linear(largest, places);
}

function logarithmic(smallest: number, largest: number, { from, to }: Places): Axis {
  const first = Math.floor(Math.log10(smallest));
  const last = Math.ceil(Math.log10(largest));
  const scale = (to - from) / (last - first);
  return {
    ticks: Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index)),
    at: (figure) => (figure <= 0 ? from : clamp(from + (Math.log10(figure) - first) * scale, { from, to })),
  };
}

function linear(largest: number, { from, to }: Places): Axis {
  const step = stepFor(largest);
  const count = Math.ceil(largest / step);
  return {
    ticks: Array.from({ length: count + 1 }, (_, index) => index * step),
    at: (figure) => clamp(from + (figure / (count * step)) * (to - from), { from, to }),
  };
}

/** 1, 2 or 5 times a power of ten, such that there are four to ten steps. */
function stepFor(largest: number): number {
  const power = 10 ** Math.floor(Math.log10(largest));
  return [0.1, 0.2, 0.5, 1].map((factor) => factor * power).find((step) => largest / step <= 8) ?? power;
}

function clamp(place: number, { from, to }: Places): number {
  return Math.min(to, Math.max(from, place));
}
