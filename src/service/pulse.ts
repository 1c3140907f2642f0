/** What a {@link Pulse} does at the channel. */
export interface PulseHandlers {
  /** Asks the other end for a sign of life. */
  ping(): void;
  /** The other end has not said anything for half a minute, although it was asked. */
  onSilence(): void;
}

/** Milliseconds of silence after which the other end is asked for a sign of life. */
const INTERVAL = 10_000;

/**
 * The third interval without a word is the last: 30 s, as long as an answer to a report is waited for. Counted and not measured, since a
 * stall of this end's own event loop is one tick, however long it lasts, and what has arrived meanwhile is read before the next.
 */
const LONGEST_SILENCE = 3;

/**
 * Finds out whether the other end still lives, for as long as somebody's work depends on that: one that hangs closes no channel, and would
 * never say that an outage is over.
 */
export class Pulse {
  readonly #handlers: PulseHandlers;
  #watchers = 0;
  #silence = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(handlers: PulseHandlers) {
    this.#handlers = handlers;
  }

  /** Watches until the returned function is called. Keeps no process alive. */
  watch(): () => void {
    this.#watchers += 1;
    if (this.#timer === undefined) this.#start();
    return () => {
      this.#watchers -= 1;
      if (this.#watchers === 0) this.#stop();
    };
  }

  /** The other end has said something. */
  heard(): void {
    this.#silence = 0;
    this.#timer?.refresh();
  }

  #start(): void {
    this.#silence = 0;
    this.#timer = setInterval(() => this.#tick(), INTERVAL);
    this.#timer.unref();
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    this.#silence += 1;
    if (this.#silence < LONGEST_SILENCE) this.#handlers.ping();
    else this.#handlers.onSilence();
  }
}
