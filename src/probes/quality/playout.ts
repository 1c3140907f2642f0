import { checkValue, PACKET_TIMES, TIME } from './check-value.js';

/** What becomes of packets in a de-jitter buffer. */
export interface Playout {
  /** Milliseconds from the sending of a packet to its playing, which is the same for all; absent where none came. */
  readonly delay?: number;
  /** Whether each packet is played; undefined where it cannot be told. */
  readonly played: readonly (boolean | undefined)[];
  /** Packets that came, but too late. */
  readonly discarded: number;
}

/**
 * A de-jitter buffer of fixed length, as a model of ours: what comes is played when the shortest way of all packets and the length of the buffer
 * have passed since it was sent, and what comes later than that is thrown away. So jitter becomes delay up to the buffer's length, for every packet,
 * and loss beyond. Real buffers adapt; this one shows what one of a given length would do.
 *
 * @param oneWay how long each packet was under way, in milliseconds and in the order of sending; null where it was lost, undefined where that
 * cannot be told.
 * @param buffer the length of the buffer, in milliseconds.
 * @throws {InvalidOptionError}
 */
export function playOut(oneWay: readonly (number | null | undefined)[], buffer: number): Playout {
  checkValue('playOut: oneWay', oneWay, PACKET_TIMES);
  checkValue('playOut: buffer', buffer, TIME);
  const shortest = oneWay.reduce<number>(
    (least, each) => (typeof each === 'number' ? Math.min(least, each) : least),
    Number.POSITIVE_INFINITY,
  );
  const delay = shortest + buffer;
  const played = oneWay.map((each) => (typeof each === 'number' ? each <= delay : each === null ? false : undefined));
  const discarded = oneWay.filter((each) => typeof each === 'number' && each > delay).length;
  return { ...(Number.isFinite(delay) && { delay }), played, discarded };
}
