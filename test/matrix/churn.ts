import type { Stage } from './stage.js';

/** Something that goes on in the background until it is stopped. */
export class Churn {
  readonly #running = new WeakMap<Stage, { readonly stop: AbortController; readonly ended: Promise<void> }>();
  readonly #once: (stage: Stage) => Promise<unknown>;

  /** @param once is repeated, and leaves the stage as it found it. */
  constructor(once: (stage: Stage) => Promise<unknown>) {
    this.#once = once;
  }

  readonly start = async (stage: Stage): Promise<void> => {
    const stop = new AbortController();
    const ended = this.#goOn(stage, stop.signal);
    // Whoever stops it hears of the error.
    ended.catch(() => {});
    this.#running.set(stage, { stop, ended });
  };

  readonly stop = async (stage: Stage): Promise<void> => {
    const running = this.#running.get(stage);
    running?.stop.abort();
    await running?.ended;
  };

  async #goOn(stage: Stage, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) await this.#once(stage);
  }
}
