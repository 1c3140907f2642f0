import type { Verify } from './options.js';
import { CHUNK, LARGEST_WINDOW } from './settings.js';

/** What is known of an unfinished file before any of it was read. */
export interface Unfinished {
  /** Its size. */
  readonly size: number;
  /** So many of its first bytes are known to have been written, by this very call. 0 where nothing is known. */
  readonly written: number;
}

/**
 * What is to be compared with the source before the file is gone on with: the bytes from `from` to the end. No interruption can have left undone
 * what is before `certain`.
 */
export type Comparison =
  | { readonly kind: 'none'; readonly trusted: number }
  | { readonly kind: 'from'; readonly from: number; readonly certain: number };

/**
 * Where to go on.
 *
 * - `sound`: what is behind it may be right or not, and is written over.
 * - `damaged`: what was certain is lost. What is behind it has to be cut off: or the file would still be as long as one of which all but the last
 *   window was written, and who interrupts it again would be taken for having got that far.
 */
export interface Resumption {
  readonly kind: 'sound' | 'damaged';
  readonly offset: number;
}

/**
 * How much of an unfinished file has to be compared.
 *
 * A writer writes in order and has at most a window of bytes under way, which a server may carry out in any order. So whatever an interruption
 * has left undone lies within the last window, and everything before was written. What this call has seen acknowledged was written too. One chunk
 * more is compared than may be wrong: where even that differs, it is another file, or one that the server has lost a part of.
 */
export function comparisonFor(verify: Verify, { size, written }: Unfinished): Comparison {
  const certain = written > 0 && written <= size ? written : Math.max(0, size - LARGEST_WINDOW);
  if (verify === 'size') return { kind: 'none', trusted: certain };
  return { kind: 'from', from: verify === 'full' ? 0 : Math.max(0, certain - CHUNK), certain };
}

/** Where to go on, when the bytes are the same from `from` to `agreed`. */
export function resumptionAfter({ from, certain }: { from: number; certain: number }, agreed: number): Resumption {
  if (agreed >= certain) return { kind: 'sound', offset: agreed };
  // What should be right is not: then nothing is known of what was not compared, either.
  return { kind: 'damaged', offset: from === 0 ? agreed : 0 };
}
