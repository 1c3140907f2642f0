import type { NetworkState } from '../state/index.js';

export const STATES = ['unknown', 'up', 'degraded', 'down'] as const satisfies readonly NetworkState[];

/** Sums up how long a network has been in each state. Times are milliseconds of a monotonic clock. */
export class StateClock {
  readonly #spent = { unknown: 0, up: 0, degraded: 0, down: 0 };
  #state: NetworkState;
  #since: number;

  constructor(state: NetworkState, now: number) {
    this.#state = state;
    this.#since = now;
  }

  enter(state: NetworkState, now: number): void {
    this.#spent[this.#state] += now - this.#since;
    this.#state = state;
    this.#since = now;
  }

  /** Milliseconds in a state until now. */
  timeIn(state: NetworkState, now: number): number {
    return this.#spent[state] + (state === this.#state ? now - this.#since : 0);
  }
}
