import { outputAppearance } from '../output.js';
import { FullScreen } from '../screen/full-screen.js';
import type { Model } from './model.js';
import { now } from './observe.js';
import type { Presenter } from './presenter.js';
import { renderScreen } from './render-screen.js';
import type { WatchEvent } from './watch-event.js';

/** The live screen of the network. */
export class LiveScreen implements Presenter {
  readonly #appearance = outputAppearance();
  readonly #screen: FullScreen;
  #model: Model | undefined;

  /** @param quit called when the user wants to leave. */
  constructor(quit: () => void) {
    this.#screen = new FullScreen(quit, (size) =>
      this.#model === undefined
        ? undefined
        : renderScreen(this.#model, { ...size, now: now(), appearance: this.#appearance }),
    );
  }

  show(_event: WatchEvent, model: Model): void {
    this.#model = model;
    this.#screen.refresh();
  }

  close(): void {
    this.#screen.close();
  }
}
