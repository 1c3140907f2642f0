/** Longer than any process waits for it to fire, and short enough for a timer. Milliseconds. */
const IDLE = 2 ** 30;

/**
 * Keeps the process alive while somebody holds it. No socket of a monitor does, so that without this a script that waits for the network
 * would end in the middle of its work; p-retry's backoff holds the process in the same way.
 */
export class KeepAlive {
  #holders = 0;
  #timer: NodeJS.Timeout | undefined;

  hold(): () => void {
    this.#holders += 1;
    this.#timer ??= setInterval(() => {}, IDLE);
    return () => {
      this.#holders -= 1;
      if (this.#holders > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }
}
