/**
 * How far into each interval the turns of a task lie, in milliseconds from 0 up to the interval. It depends on the words alone, so that a task
 * keeps its place when the process restarts, and thousands of tasks are spread evenly.
 */
export function offsetOf(words: string, interval: number): number {
  return (hash(words) / 2 ** 32) * interval;
}

/** How long it is until the first turn, in milliseconds. @param epoch milliseconds since the epoch. */
export function untilFirstTurn(offset: number, interval: number, epoch: number): number {
  const wait = (offset - epoch) % interval;
  return wait < 0 ? wait + interval : wait;
}

/** A row of turns: one at the anchor, and one every interval from there on, in both directions. */
export interface Turns {
  /** By the monotonic clock, in milliseconds. */
  readonly anchor: number;
  /** Milliseconds. */
  readonly interval: number;
}

/** The turn that follows a start: the first that is more than half an interval later, so that a late start is not followed by another at once. */
export function turnAfter({ anchor, interval }: Turns, startedAt: number): number {
  return anchor + (Math.floor((startedAt + interval / 2 - anchor) / interval) + 1) * interval;
}

/** How many turns lie between one that was due and the one that is next, and so were left out. */
export function turnsBetween(due: number, next: number, interval: number): number {
  return Math.max(0, Math.floor((next - due) / interval + ROUNDING) - 1);
}

/** Turns are sums of fractions. */
const ROUNDING = 1e-6;

/**
 * How long the one of this rank waits where many could start at once, in milliseconds: eight start in the first round, then twice as many each
 * round as in TCP's slow start (RFC 5681 section 3.1), up to a width that a network and a resolver bear for longer.
 */
export function slowStartDelay(rank: number): number {
  let round = 0;
  let before = 0;
  for (let width = FIRST_WIDTH; width < FULL_WIDTH; width *= 2) {
    if (rank < before + width) return ROUND * (round + (rank - before) / width);
    before += width;
    round += 1;
  }
  return ROUND * (round + (rank - before) / FULL_WIDTH);
}

/** How many start in the first round, and how many in each of the last. */
const FIRST_WIDTH = 8;
const FULL_WIDTH = 256;

/** Milliseconds: a round trip round the globe is over in it mostly, so that the next round sees what became of the one before. */
const ROUND = 200;

/** FNV-1a of 32 bits, then the finalizer of MurmurHash3: names of targets often differ in their last letter only. */
function hash(words: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < words.length; index += 1) {
    value = Math.imul(value ^ words.charCodeAt(index), 0x01000193);
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
