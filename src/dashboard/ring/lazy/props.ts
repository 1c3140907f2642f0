import type { RingState } from '../model.js';
import type { RingView } from '../view.js';

/** What the views of `lazy/` get: they are of a script of their own, which is loaded when the first of them is shown. */
export interface LazyProps {
  /** What is known of the ring. A new object after each change; its parts stay the same objects where they did not change. */
  readonly state: RingState;
  /** What the page shows: of it, `view.path` are the two sites whose path is shown. */
  readonly view: RingView;
  readonly onView: (change: Partial<RingView>) => void;
  /** Milliseconds since 1970 by the registry's clock, renewed every second. */
  readonly now: number;
  /**
   * Asks the registry for JSON, with the token where there is one.
   *
   * @param path such as `/topology`.
   * @throws {Error} where there is no answer.
   */
  readonly read: (path: string, signal: AbortSignal) => Promise<unknown>;
}
