import { setImmediate as nextTurn } from 'node:timers';

interface Timer {
  due: number;
  /** Of two that are due at the same time the older one fires first. */
  readonly order: number;
  readonly every: number | undefined;
  readonly fire: () => void;
}

/**
 * A clock that goes to the next timer when nothing else is left to do: in the place of the global timers, `Date` and `performance.now` of
 * this process, as the fake timers of test frameworks. `setImmediate` stays, for what takes no time.
 */
export class VirtualClock {
  #now = 0;
  #timers = 0;
  readonly #pending = new Set<Timer>();
  readonly #real = { setTimeout, clearTimeout, setInterval, clearInterval, Date, now: performance.now };

  get now(): number {
    return this.#now;
  }

  install(): void {
    const { Date: RealDate } = this.#real;
    const now = () => EPOCH + this.#now;
    const start = (fire: (...args: unknown[]) => void, delay: number, args: unknown[], repeats: boolean) =>
      this.#start(() => fire(...args), delay, repeats);
    const stop = (handle: unknown) => {
      if (handle instanceof Handle) this.#pending.delete(handle.timer);
    };
    Object.assign(globalThis, {
      setTimeout: (fire: () => void, delay = 0, ...args: unknown[]) => start(fire, delay, args, false),
      setInterval: (fire: () => void, delay = 0, ...args: unknown[]) => start(fire, delay, args, true),
      clearTimeout: stop,
      clearInterval: stop,
      Date: class extends RealDate {
        constructor(...args: [] | [string | number]) {
          super(args.length === 0 ? now() : args[0]);
        }
        static override now = now;
      },
    });
    performance.now = () => this.#now;
  }

  uninstall(): void {
    const { now, ...globals } = this.#real;
    Object.assign(globalThis, globals);
    performance.now = now;
  }

  /** Calls back at a time, or at once where that is over. */
  at(time: number, callback: () => void): () => void {
    const handle = this.#start(callback, time - this.#now, false);
    return () => this.#pending.delete(handle.timer);
  }

  /**
   * Lets time pass until the promise settles.
   *
   * @throws {RangeError} where nothing is left that could happen.
   */
  async runUntil(end: Promise<unknown>): Promise<void> {
    let hasEnded = false;
    const settle = () => {
      hasEnded = true;
    };
    end.then(settle, settle);
    for (;;) {
      await this.#calm();
      if (hasEnded) return;
      const next = this.#next();
      if (next === undefined) throw new RangeError('nothing is left that could happen');
      this.#now = Math.max(this.#now, next.due);
      if (next.every === undefined) this.#pending.delete(next);
      else next.due += next.every;
      next.fire();
    }
  }

  /** Promises, and what waits for a turn of the event loop: some of it for a second one. */
  async #calm(): Promise<void> {
    for (let turn = 0; turn < 2; turn += 1) await new Promise<void>((resolve) => nextTurn(resolve));
  }

  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#pending) {
      if (next === undefined || timer.due < next.due || (timer.due === next.due && timer.order < next.order)) {
        next = timer;
      }
    }
    return next;
  }

  #start(fire: () => void, delay: number, repeats: boolean): Handle {
    // As Node's own do: https://nodejs.org/api/timers.html#settimeoutcallback-delay-args
    const length = delay >= 1 && delay < 2 ** 31 ? delay : 1;
    const timer: Timer = { due: this.#now + length, order: this.#timers++, every: repeats ? length : undefined, fire };
    this.#pending.add(timer);
    return new Handle(timer);
  }
}

/** Some day; for those who look at `Date`. */
const EPOCH = Date.UTC(2026, 0, 1);

/** What the timers of Node return, as far as anybody here uses it. */
class Handle {
  readonly timer: Timer;

  constructor(timer: Timer) {
    this.timer = timer;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }
}
