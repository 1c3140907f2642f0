/** When the links in use are asked for their carrier instead of waiting for the kernel to tell. */
export type CarrierGuardMode = 'while-working' | 'always' | 'off';

/** Half of this is what a loss goes unnoticed on average; asking costs some tens of microseconds. Milliseconds. */
const INTERVAL = 50;

/**
 * Asks for the carrier of the links in use while somebody's work depends on it.
 *
 * The kernel lets carrier events through only once a second, for all devices of all namespaces together (net/core/link_watch.c): one that
 * flaps anywhere delays those of all others, and what is lost and found again within that second is never told. Asking for the link makes
 * the kernel take note at once.
 */
export class CarrierGuard {
  readonly #mode: CarrierGuardMode;
  readonly #isNeeded: () => boolean;
  readonly #look: () => void;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param isNeeded whether work is in flight or waits.
   * @param look asks for the links.
   */
  constructor(mode: CarrierGuardMode, isNeeded: () => boolean, look: () => void) {
    this.#mode = mode;
    this.#isNeeded = isNeeded;
    this.#look = look;
  }

  /** Work begins, or begins to wait. It goes on looking until there is none any more. */
  wake(): void {
    if (this.#mode === 'off' || this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.#tick(), INTERVAL);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    if (this.#mode === 'while-working' && !this.#isNeeded()) this.stop();
    else this.#look();
  }
}
