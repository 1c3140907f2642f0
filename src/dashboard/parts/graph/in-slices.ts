/** Something long that can be done in steps. */
export interface Steps {
  readonly isDone: boolean;
  step(count: number): void;
}

/** What {@link inSlices} needs of the page. */
export interface Slicing {
  /** Calls back when the page has had its turn. */
  readonly later: (callback: () => void) => void;
  /** Milliseconds of a clock that nobody sets. */
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** Milliseconds of a slice: half a frame is left for everything else. */
const SLICE = 8;

/** Does it all in slices, between which the page goes on. Resolves when it is done or the signal aborts. */
export async function inSlices(work: Steps, { later, now, signal }: Slicing): Promise<void> {
  while (!work.isDone && !signal.aborted) {
    const end = now() + SLICE;
    do work.step(1);
    while (!work.isDone && now() < end);
    await new Promise<void>((resolve) => later(resolve));
  }
}
