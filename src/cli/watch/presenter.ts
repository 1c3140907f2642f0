import type { Model } from './model.js';
import type { WatchEvent } from './watch-event.js';

/** A way to show what is seen. */
export interface Presenter {
  /** Something was seen, and this is what is known now. */
  show(event: WatchEvent, model: Model): void;
  /** Nothing is shown any more, and the terminal is as it was. May be repeated. */
  close(): void;
}
