import type { ControlMessages, KernelClock } from '../../../native/index.js';

/** When a packet was sent. Milliseconds. */
export interface SendTime {
  /** By the clock that the kernel stamps packets with. */
  sentAt: number;
  /** By a clock that nobody can set. */
  sentAtMonotonic: number;
}

/** By how many milliseconds the two clocks may run apart before the kernel's counts as having been set. */
const MOST_DRIFT = 1;

/** Measures from right before a packet is sent to when the kernel received the answer, however late that is read. */
export class RoundTripClock {
  readonly #clock: KernelClock;
  #now = 0;
  #offset = 0;

  constructor(clock: KernelClock) {
    this.#clock = clock;
  }

  /** To be called right before sending. */
  stamp(time: SendTime): void {
    // With nothing between the two: what they are apart shows whether the wall clock has been set.
    time.sentAtMonotonic = performance.now();
    time.sentAt = this.#clock.now();
  }

  /** To be called before what has come is read. */
  look(): void {
    this.#now = performance.now();
    this.#offset = this.#clock.now() - this.#now;
  }

  /** Milliseconds. By the clock of this process where the kernel's was set meanwhile, or it did not say when the answer came. */
  roundTripTime({ sentAt, sentAtMonotonic }: SendTime, { seconds, nanoseconds }: ControlMessages): number {
    const rtt = seconds < 0 ? -1 : this.#clock.at(seconds, nanoseconds) - sentAt;
    const wasSet = Math.abs(sentAt - sentAtMonotonic - this.#offset) > MOST_DRIFT;
    return rtt < 0 || wasSet ? this.#now - sentAtMonotonic : rtt;
  }
}
