import { SupervisedTask, type TaskDefinition, type TaskListener, type TaskStanding } from './supervised-task.js';

/** What a supervisor tells of. */
export interface SupervisorListener extends TaskListener {
  restarted(name: string): void;
}

/** Milliseconds. */
const LONGEST_LOOK = 15_000;

/** Watches over tasks, and starts those again that are dead. */
export class Supervisor {
  /** Milliseconds without a sign of life after which a task is dead. */
  readonly timeout: number;
  /** Milliseconds from one look to the next. */
  readonly interval: number;
  readonly #tasks: readonly SupervisedTask[];
  readonly #listener: SupervisorListener;
  #timer: NodeJS.Timeout | undefined;
  #lookedAt = 0;

  constructor(timeout: number, definitions: readonly TaskDefinition[], listener: SupervisorListener) {
    this.timeout = timeout;
    this.interval = Math.min(LONGEST_LOOK, timeout / 4);
    this.#listener = listener;
    this.#tasks = definitions.map((definition) => new SupervisedTask(definition, listener));
  }

  /** How each task stands. */
  get standings(): readonly TaskStanding[] {
    const now = performance.now();
    for (const task of this.#tasks) task.review(now);
    return this.#tasks.map(({ standing }) => standing);
  }

  /** Whether a task counts as dead. */
  isDead({ silence }: TaskStanding): boolean {
    return silence >= this.timeout;
  }

  /** Starts all tasks, until the signal aborts. */
  start(signal: AbortSignal): void {
    if (signal.aborted) return;
    for (const task of this.#tasks) task.start(signal);
    this.#lookedAt = performance.now();
    this.#timer = setInterval(() => this.#look(signal), this.interval);
    signal.addEventListener('abort', () => clearInterval(this.#timer), { once: true });
  }

  /** Has the task of that name do its next step now. */
  wake(name: string): void {
    this.#tasks.find(({ standing }) => standing.name === name)?.wake();
  }

  #look(signal: AbortSignal): void {
    const now = performance.now();
    const hasStalled = now - this.#lookedAt > 2 * this.interval + STALL;
    this.#lookedAt = now;
    for (const task of this.#tasks) {
      // The machine slept, or the process was stopped: no task had a chance.
      if (hasStalled) task.forgive();
      task.review(now);
      if (!this.isDead(task.standing)) continue;
      this.#listener.restarted(task.standing.name);
      task.restart(signal);
    }
  }
}

/** Milliseconds by which timers are late in a busy process. */
const STALL = 1_000;
