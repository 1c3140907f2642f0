import { LONGEST_TIMER } from '../options/index.js';

/**
 * Keeps the process alive while somebody holds it. A monitor never does, so that without this a script that waits for the network would end
 * in the middle of its work; p-retry's backoff holds the process in the same way.
 */
export class KeepAlive {
  #holders = 0;
  #timer: NodeJS.Timeout | undefined;

  hold(): () => void {
    this.#holders += 1;
    this.#timer ??= setInterval(() => {}, LONGEST_TIMER);
    return () => {
      this.#holders -= 1;
      if (this.#holders > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }
}
