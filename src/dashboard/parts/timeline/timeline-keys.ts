import type { Bar, PackedLane } from './pack-rows.js';

/** A bar of a timeline: the position of its lane, and its own in it. */
export interface BarPlace {
  readonly lane: number;
  readonly bar: number;
}

/** Where a key leads: along a lane by left and right, to what is nearest in time by up and down. Undefined for keys that mean nothing here. */
export function nextBar(key: string, { lane, bar }: BarPlace, lanes: readonly PackedLane[]): BarPlace | undefined {
  const last = (lanes[lane]?.bars.length ?? 0) - 1;
  const along = (to: number): BarPlace => ({ lane, bar: Math.max(0, Math.min(last, to)) });
  switch (key) {
    case 'ArrowRight':
      return along(bar + 1);
    case 'ArrowLeft':
      return along(bar - 1);
    case 'Home':
      return along(0);
    case 'End':
      return along(last);
    case 'ArrowDown':
      return across(lane, 1, lanes[lane]?.bars[bar], lanes) ?? { lane, bar };
    case 'ArrowUp':
      return across(lane, -1, lanes[lane]?.bars[bar], lanes) ?? { lane, bar };
    default:
      return undefined;
  }
}

function across(lane: number, step: 1 | -1, from: Bar | undefined, lanes: readonly PackedLane[]): BarPlace | undefined {
  for (let next = lane + step; next >= 0 && next < lanes.length; next += step) {
    const bars = lanes[next]?.bars ?? [];
    if (bars.length > 0) return { lane: next, bar: nearest(from?.x ?? 0, bars) };
  }
  return undefined;
}

function nearest(x: number, bars: readonly Bar[]): number {
  const distances = bars.map((bar) => Math.abs(bar.x - x));
  return distances.indexOf(Math.min(...distances));
}

/** The first bar that there is. */
export function firstBar(lanes: readonly PackedLane[]): BarPlace | undefined {
  const lane = lanes.findIndex(({ bars }) => bars.length > 0);
  return lane === -1 ? undefined : { lane, bar: 0 };
}
