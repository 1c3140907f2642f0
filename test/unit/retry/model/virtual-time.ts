import { vi } from 'vitest';

/** Milliseconds by which a timer may be late or early: timers count whole ones from one on. */
export const SLACK = 2;

/**
 * The clock of a modelled world, with timers of its own in the place of the global ones. It goes from timer to timer, one at a time as Node
 * does, and lets everything come to rest after each, so that whoever watches sees every step.
 */
export class VirtualTime {
  readonly #timers = new Set<VirtualTimer>();
  #others = 0;
  #activity = 0;

  /** From here on time passes by this clock, until `vi.unstubAllGlobals()` and `vi.useRealTimers()`. */
  constructor() {
    vi.useFakeTimers({ toFake: ['performance', 'Date'] });
    const clear = (timer: unknown): void => {
      if (timer instanceof VirtualTimer) this.#timers.delete(timer);
    };
    vi.stubGlobal('setTimeout', (callback: () => void, delay?: number) => this.#start(callback, delay, 'once'));
    vi.stubGlobal('setInterval', (callback: () => void, delay?: number) => this.#start(callback, delay, 'again'));
    vi.stubGlobal('clearTimeout', clear);
    vi.stubGlobal('clearInterval', clear);
  }

  get now(): number {
    return performance.now();
  }

  /** Calls back later, by a timer that belongs to the world and not to the code under test. */
  after(delay: number, callback: () => void): () => void {
    const timer = this.#start(callback, delay, 'once');
    timer.isForeign = false;
    return () => void this.#timers.delete(timer);
  }

  /** Says that one of the foreign timers belongs to the world, until the returned function is called. */
  disown(): () => void {
    this.#others += 1;
    return () => {
      this.#others -= 1;
    };
  }

  /** How many timers of the code under test are pending. */
  get foreignTimers(): number {
    return [...this.#timers].filter(({ isForeign }) => isForeign).length - this.#others;
  }

  /** How many of them keep the process alive. */
  get holdingTimers(): number {
    return [...this.#timers].filter((timer) => timer.isForeign && timer.hasRef()).length - this.#others;
  }

  /** Something has happened, so that more may follow from it without any time. */
  stir(): void {
    this.#activity += 1;
  }

  /** Lets time pass, timer by timer, with a look at the world after each. */
  async pass(duration: number, look: () => void): Promise<void> {
    const end = this.now + duration;
    for (let timer = this.#next(end); timer !== undefined; timer = this.#next(end)) {
      this.#moveTo(timer.at);
      if (timer.interval === undefined) this.#timers.delete(timer);
      else timer.at += timer.interval;
      timer.callback();
      await this.rest();
      look();
    }
    this.#moveTo(end);
    look();
  }

  /** Resolves when nothing more happens without time. */
  async rest(): Promise<void> {
    for (let idle = 0, turns = 0; idle < IDLE_TURNS; turns += 1) {
      if (turns > ENDLESS) throw new Error('it never comes to rest');
      const before = this.#activity;
      await new Promise((resolve) => setImmediate(resolve));
      idle = this.#activity === before ? idle + 1 : 0;
    }
  }

  #start(callback: () => void, delay: number | undefined, repeats: 'once' | 'again'): VirtualTimer {
    // As Node does it: whole milliseconds, and at least one.
    const duration = Math.max(1, Math.trunc(delay ?? 1));
    const timer = new VirtualTimer(this.now + duration, callback, repeats === 'again' ? duration : undefined);
    this.#timers.add(timer);
    return timer;
  }

  /** The one that fires next, up to a moment; of several that fire in the same, the one that was started first. */
  #next(end: number): VirtualTimer | undefined {
    let next: VirtualTimer | undefined;
    for (const timer of this.#timers) {
      if (timer.at <= end && (next === undefined || timer.at < next.at)) next = timer;
    }
    return next;
  }

  #moveTo(moment: number): void {
    vi.advanceTimersByTime(Math.max(0, moment - this.now));
  }
}

class VirtualTimer {
  isForeign = true;
  #holdsProcess = true;

  constructor(
    public at: number,
    readonly callback: () => void,
    readonly interval: number | undefined,
  ) {}

  hasRef(): boolean {
    return this.#holdsProcess;
  }

  ref(): this {
    this.#holdsProcess = true;
    return this;
  }

  unref(): this {
    this.#holdsProcess = false;
    return this;
  }
}

/** Turns of the event loop without any activity after which none is to be expected: a step that takes a turn of its own is one of them. */
const IDLE_TURNS = 3;

const ENDLESS = 10_000;
