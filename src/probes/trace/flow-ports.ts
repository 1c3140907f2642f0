import { SystemCallError } from '../../../native/index.js';

/** The first that needs no privilege. */
const FIRST = 1_024;

/** From one to the next: as many as there may be flows, so that the flows of a trace do not meet. */
const STRIDE = 16;

/** So many traces of one target can be on their way at once. */
const TRIES = 512;

/** The ports that a flow may be sent from, in the order of trying. */
export function* portsFrom(wanted: number): Generator<number> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    yield FIRST + ((wanted - FIRST + attempt * STRIDE) % (2 ** 16 - FIRST));
  }
}

/** @returns the error of a bind(2) for which no port is left. */
export function noPort(): SystemCallError {
  return new SystemCallError('bind', EADDRINUSE);
}

/** Which ports the traces of this process use towards which targets: those of connections that are closed for a moment are nobody else's. */
export class PortLeases {
  readonly #leased = new Set<string>();

  /**
   * @param target as a socket address.
   * @throws {SystemCallError} EADDRINUSE where all ports are leased.
   */
  lease(target: Uint8Array, wanted: number): PortLease {
    return new PortLease(this.#leased, target.join(), portsFrom(wanted));
  }
}

/** A port for one flow, until it is released. */
export class PortLease {
  readonly #leased: Set<string>;
  readonly #target: string;
  readonly #candidates: Iterator<number>;
  #port: number;

  constructor(leased: Set<string>, target: string, candidates: Iterator<number>) {
    this.#leased = leased;
    this.#target = target;
    this.#candidates = candidates;
    this.#port = this.#take();
  }

  get port(): number {
    return this.#port;
  }

  /** Takes another, where somebody else has this one. @throws {SystemCallError} EADDRINUSE where there is none left. */
  moveOn(): void {
    this.release();
    this.#port = this.#take();
  }

  release(): void {
    this.#leased.delete(`${this.#target} ${this.#port}`);
  }

  #take(): number {
    for (let next = this.#candidates.next(); next.done !== true; next = this.#candidates.next()) {
      const key = `${this.#target} ${next.value}`;
      if (this.#leased.has(key)) continue;
      this.#leased.add(key);
      return next.value;
    }
    throw noPort();
  }
}

/** include/uapi/asm-generic/errno.h */
const EADDRINUSE = 98;
