import { onAbort, throwIfAborted } from '../../events/index.js';

/** Gives a turn back. May be called again, and after the turn has expired: then it does nothing. */
export type ReleaseTurn = () => void;

/**
 * One at a time on each link: whoever has the turn gives it back, or loses it when it expires. Those who wait get it in the order of asking.
 */
export class LinkTurns {
  readonly #links = new Map<string, Link>();

  /** @returns how to give the turn back; or, where another has it, in how many milliseconds that will have expired. */
  tryTake(link: string, expiresAfter: number): ReleaseTurn | number {
    const known = this.#links.get(link);
    if (known !== undefined) return Math.max(known.expiresAt - performance.now(), 0);
    return this.#give(link, expiresAfter, []);
  }

  /**
   * Waits for the turn.
   *
   * @throws the signal's reason.
   */
  take(link: string, expiresAfter: number, signal: AbortSignal): Promise<ReleaseTurn> {
    return new Promise((resolve, reject) => {
      throwIfAborted(signal);
      const known = this.#links.get(link);
      if (known === undefined) {
        resolve(this.#give(link, expiresAfter, []));
        return;
      }
      const waiter: Waiter = { expiresAfter, accept: resolve, forget: () => {} };
      waiter.forget = onAbort(signal, () => {
        known.waiters.splice(known.waiters.indexOf(waiter), 1);
        reject(signal.reason);
      });
      known.waiters.push(waiter);
    });
  }

  #give(link: string, expiresAfter: number, waiters: Waiter[]): ReleaseTurn {
    const release = (): void => {
      clearTimeout(timer);
      if (this.#links.get(link) === turn) this.#pass(link, waiters);
    };
    const timer = setTimeout(release, expiresAfter);
    timer.unref();
    const turn: Link = { expiresAt: performance.now() + expiresAfter, waiters };
    this.#links.set(link, turn);
    return release;
  }

  #pass(link: string, waiters: Waiter[]): void {
    const next = waiters.shift();
    if (next === undefined) {
      this.#links.delete(link);
      return;
    }
    next.forget();
    next.accept(this.#give(link, next.expiresAfter, waiters));
  }
}

interface Link {
  /** By `performance.now()`. */
  readonly expiresAt: number;
  readonly waiters: Waiter[];
}

interface Waiter {
  readonly expiresAfter: number;
  readonly accept: (release: ReleaseTurn) => void;
  forget: () => void;
}

/** The turns of this thread, one set for all copies of netpause that it has loaded, such as the ES module and the CommonJS build. */
export function sharedTurns(): LinkTurns {
  const known: unknown = Reflect.get(globalThis, SLOT);
  if (isTurns(known)) return known;
  const turns = new LinkTurns();
  Reflect.set(globalThis, SLOT, turns);
  return turns;
}

const SLOT = Symbol.for('netpause.bandwidth.turns.v1');

/** Not by class: another copy's class is another class. */
function isTurns(value: unknown): value is LinkTurns {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['tryTake', 'take'].every((name) => typeof Reflect.get(value, name) === 'function')
  );
}
