/** How many operations may restart in a round, counted from 0. Every value must be at least 1. */
export type GateWidth = (round: number) => number;

/** Eight at once, then twice as many each round: the slow start of TCP, for the same reason. */
export const slowStart: GateWidth = (round) => 8 * 2 ** round;

/**
 * One a round while the network flaps, since what comes back is not likely to stay; a slow start from the moment on that it does, which is
 * when it flaps no more or has held for eight rounds.
 */
export function narrowWhile(isFlapping: () => boolean, width: GateWidth = slowStart): GateWidth {
  let narrowRounds = 0;
  return (round) => {
    if (round === 0) narrowRounds = 0;
    if (round >= NARROW_ROUNDS || !isFlapping()) return width(round - narrowRounds);
    narrowRounds = round + 1;
    return 1;
  };
}

/** 0.4 seconds, in which a link that flaps more than once a second is gone again: long enough to spare a queue, too short to hold it up. */
const NARROW_ROUNDS = 8;

/**
 * Where operations wait for the network, in order of arrival, and through which they restart after it has returned: a few at once and more
 * with every round, so that thousands that were paused together do not come back together.
 *
 * Open while the network is there, closed while it is down. A single waiter passes an open gate at once.
 */
export class ResumeGate {
  readonly #width: GateWidth;
  readonly #queue = new Set<() => void>();
  #isOpen = true;
  #round = 0;
  #placesLeft = 0;
  #roundEndsAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(width: GateWidth = slowStart) {
    this.#width = width;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Admits at once where there is a place, or queues. The returned function leaves the queue; who has left takes no place. */
  enter(admit: () => void): () => void {
    this.#queue.add(admit);
    if (this.#isOpen) this.#admit();
    return () => {
      this.#queue.delete(admit);
      if (this.#queue.size === 0) this.#stopTimer();
    };
  }

  /** The network has returned. */
  open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#begin(0);
    this.#admit();
  }

  /** The network is down: those who have not passed yet keep their places in the queue. */
  close(): void {
    this.#isOpen = false;
    this.#stopTimer();
  }

  #begin(round: number): void {
    this.#round = round;
    this.#placesLeft = this.#width(round);
    // Drawn anew for every round, so that hosts that lost the same uplink do not march in step.
    this.#roundEndsAt = performance.now() + ROUND * (0.5 + Math.random());
  }

  #admit(): void {
    // With a timer running, those who wait have to wait for it.
    if (this.#timer !== undefined) return;
    // Without a queue no timer runs: a round that nobody waited for ends unseen, and the next comer finds a new slow start.
    if (performance.now() >= this.#roundEndsAt) this.#begin(0);
    this.#admitSome();
    if (this.#queue.size === 0) return;
    const wait = this.#placesLeft > 0 ? BREATHER : this.#roundEndsAt - performance.now();
    this.#timer = setTimeout(() => this.#goOn(), wait);
  }

  /** As many as there are places for, but not all in one turn of the event loop: whoever is admitted begins to work in it. */
  #admitSome(): void {
    const leave = Math.max(0, this.#placesLeft - MOST_IN_A_TURN);
    for (const admit of this.#queue) {
      if (this.#placesLeft <= leave) return;
      this.#placesLeft -= 1;
      this.#queue.delete(admit);
      admit();
    }
  }

  #goOn(): void {
    this.#timer = undefined;
    // A timer can be early by less than a millisecond: where no places are left, it is the round's.
    if (this.#placesLeft <= 0 || performance.now() >= this.#roundEndsAt) this.#begin(this.#round + 1);
    this.#admit();
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/** The mean length of a round in milliseconds: about one round trip across a continent, so that a round's failures can be seen in the next. */
const ROUND = 50;

/** So many start within a millisecond or two, which no other work in the process minds. */
const MOST_IN_A_TURN = 128;

/** Between two turns of the same round, in milliseconds: the shortest that a timer knows. */
const BREATHER = 1;
