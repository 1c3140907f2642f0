import process from 'node:process';
import { callSafely } from '../events/index.js';

/** Something that may be over before this turn of the event loop is. */
export interface Newcomer {
  /** Where it stands among the newcomers; for {@link Newcomers} only. */
  place: number | undefined;
  /** It is not over: this turn has ended, and it goes on. */
  outlive(): void;
}

/** Who has come in this turn of the event loop and not gone again. To come and to go costs next to nothing. */
export class Newcomers {
  readonly #present: Newcomer[] = [];
  #isAwaitingEnd = false;

  add(newcomer: Newcomer): void {
    newcomer.place = this.#present.push(newcomer) - 1;
    if (!this.#isAwaitingEnd) this.#awaitEnd();
  }

  /** It must be there. */
  delete(newcomer: Newcomer): void {
    const last = this.#present.pop();
    if (last !== newcomer) this.#fill(newcomer.place, last);
    newcomer.place = undefined;
  }

  #fill(place: number | undefined, last: Newcomer | undefined): void {
    if (place === undefined || last === undefined) return;
    this.#present[place] = last;
    last.place = place;
  }

  #awaitEnd(): void {
    this.#isAwaitingEnd = true;
    // From a microtask, for then the tick comes when all microtasks have run; asked for by a timer's callback it would come before them.
    void inAMicrotask.then(() => nextTick(() => this.#endTurn()));
  }

  #endTurn(): void {
    this.#isAwaitingEnd = false;
    for (const newcomer of this.#present.splice(0)) {
      newcomer.place = undefined;
      // What it calls may be a source that somebody else wrote; here nobody would catch its error.
      callSafely(() => newcomer.outlive());
    }
  }
}

const inAMicrotask = Promise.resolve();

/** It takes no time, so the fake clock of a test must not be able to hold it up: those of Jest take this function's place as well. */
const { nextTick } = process;
