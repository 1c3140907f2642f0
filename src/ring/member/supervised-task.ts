import { toError } from '../../errors/index.js';
import { linkSignals, onAbort } from '../../events/index.js';

/** What a task does again and again. */
export interface TaskDefinition {
  /** As it is called in the health report. */
  readonly name: string;
  /** Milliseconds from the end of one step to the begin of the next. */
  readonly interval: number;
  /** Milliseconds before the first step. @default 0 */
  readonly delay?: number | undefined;
  /**
   * One step. It should end when the signal aborts; what it throws is told, and the next step comes within 5 s.
   *
   * @returns milliseconds until the next step, where that is another time than usual.
   */
  readonly step: (signal: AbortSignal) => Promise<number | undefined>;
}

/** How a task stands. */
export interface TaskStanding {
  readonly name: string;
  /** When it last gave a sign of life: milliseconds since the epoch. */
  readonly lastBeat: number;
  /** Milliseconds since then, by a monotonic clock. */
  readonly silence: number;
  /** How often it had to be started again. */
  readonly restarts: number;
}

/** What a task tells of. */
export interface TaskListener {
  failed(name: string, error: Error): void;
}

/** Milliseconds until the next step after one that failed, unless that comes sooner anyway. */
const RETRY = 5_000;

/** Does the same thing again and again, and can be started anew where a step never ends. */
export class SupervisedTask {
  readonly #definition: TaskDefinition;
  readonly #listener: TaskListener;
  /** Ends the present life, step and wait. */
  #life: AbortController | undefined;
  #isStepping = false;
  #isWoken = false;
  #wake = (): void => {};
  #dueAt = 0;
  #beatAt = performance.now();
  #restarts = 0;

  constructor(definition: TaskDefinition, listener: TaskListener) {
    this.#definition = definition;
    this.#listener = listener;
  }

  get standing(): TaskStanding {
    const silence = Math.max(0, performance.now() - this.#beatAt);
    return {
      name: this.#definition.name,
      lastBeat: Date.now() - silence,
      silence,
      restarts: this.#restarts,
    };
  }

  /** Starts it, until the signal aborts. */
  start(signal: AbortSignal): void {
    this.#begin(signal, this.#definition.delay ?? 0);
  }

  /** Leaves whatever it does to itself, and starts anew. */
  restart(signal: AbortSignal): void {
    this.#restarts += 1;
    this.#life?.abort(new Error(`the task ${this.#definition.name} gave no sign of life and is started again`));
    this.#begin(signal, 0);
  }

  /** The next step comes at once, or right after the present one. */
  wake(): void {
    this.#isWoken = true;
    this.#wake();
  }

  /** Whoever only waits for the next step is alive. */
  review(now: number): void {
    if (!this.#isStepping && now <= this.#dueAt) this.#beatAt = now;
  }

  /** Time in which this process stood still is no silence. */
  forgive(): void {
    this.#beatAt = performance.now();
  }

  #begin(signal: AbortSignal, delay: number): void {
    const life = new AbortController();
    this.#life = life;
    this.#isStepping = false;
    this.#isWoken = false;
    this.#beatAt = performance.now();
    void this.#run(life, signal, delay);
  }

  async #run(life: AbortController, given: AbortSignal, delay: number): Promise<void> {
    const { signal, release } = linkSignals(given, life.signal);
    await this.#wait(delay, signal);
    while (!signal.aborted) {
      this.#beatAt = performance.now();
      this.#isStepping = true;
      const next = await this.#step(signal);
      // Another life has begun meanwhile, and this one has nothing to say any more.
      if (this.#life !== life) break;
      this.#isStepping = false;
      this.#beatAt = performance.now();
      await this.#wait(next, signal);
    }
    release();
  }

  async #step(signal: AbortSignal): Promise<number> {
    const { name, interval, step } = this.#definition;
    try {
      return (await step(signal)) ?? interval;
    } catch (error) {
      if (!signal.aborted) this.#listener.failed(name, toError(error));
      return Math.min(interval, RETRY);
    }
  }

  async #wait(duration: number, signal: AbortSignal): Promise<void> {
    this.#dueAt = performance.now() + duration;
    if (!this.#isWoken && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const end = (): void => {
          clearTimeout(timer);
          release();
          resolve();
        };
        const timer = setTimeout(end, duration);
        const release = onAbort(signal, end);
        this.#wake = end;
      });
    }
    this.#isWoken = false;
  }
}
