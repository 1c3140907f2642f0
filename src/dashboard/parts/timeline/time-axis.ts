import { scaleTime, scaleUtc } from 'd3-scale';
import type { TimeRange } from './timeline-model.js';

/** In which zone times are told: the reader's, or UTC as ISO 8601 has it. */
export type Zone = 'local' | 'utc';

/** A mark of the axis. */
export interface Tick {
  /** Pixels from the left. */
  readonly x: number;
  readonly label: string;
}

/** Pixels that a label takes. */
const LABEL_WIDTH = 84;

/** Marks at round times of a zone, as many as there is room for. */
export function ticksOf(range: TimeRange, width: number, zone: Zone): readonly Tick[] {
  const scale = (zone === 'utc' ? scaleUtc() : scaleTime()).domain([range.from, range.until]).range([0, width]);
  const ticks = scale.ticks(Math.max(2, Math.floor(width / LABEL_WIDTH)));
  const format = new Intl.DateTimeFormat(zone === 'utc' ? 'en-GB' : undefined, {
    ...axisParts(ticks),
    timeZone: zone === 'utc' ? 'UTC' : undefined,
  });
  return ticks
    .map((time) => ({ x: scale(time), label: `${format.format(time)}${zone === 'utc' ? 'Z' : ''}` }))
    .filter(({ x }) => x > LABEL_WIDTH / 3 && x < width - LABEL_WIDTH / 3);
}

/** Seconds only where minutes would say the same twice. */
function axisParts([first, second]: readonly Date[]): Intl.DateTimeFormatOptions {
  const step = first === undefined || second === undefined ? MINUTE : second.getTime() - first.getTime();
  if (step >= DAY) return { month: 'short', day: 'numeric' };
  return { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', ...(step < MINUTE && { second: '2-digit' }) };
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** A moment with its day, to the second. */
export function momentText(time: number, zone: Zone): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return 'at an unknown time';
  if (zone === 'utc') return `${date.toISOString().slice(0, 19)}Z`;
  return MOMENT.format(date);
}

/** Made once: it takes longer to make than to use. */
const MOMENT = new Intl.DateTimeFormat(undefined, {
  year: 'numeric',
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
