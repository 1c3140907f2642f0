import { within } from '../bounded.js';

/** An event as it came. */
export interface LoggedEvent {
  readonly name: string;
  readonly at: bigint;
  readonly detail: unknown;
}

/**
 * Keeps every event in order, so that none is missed while nobody listens. Each wait looks from behind the event of that name which the last
 * wait returned: a test goes through them as through a story.
 */
export class EventLog {
  readonly #events: LoggedEvent[] = [];
  readonly #read = new Map<string, number>();
  readonly #listeners = new Set<() => void>();
  #closed: Error | undefined;

  add(event: LoggedEvent): void {
    this.#events.push(event);
    this.#notify();
  }

  /** No more events will come: whoever waits for one gets the error. */
  close(error: Error): void {
    this.#closed ??= error;
    this.#notify();
  }

  /** All events so far. */
  all(): readonly LoggedEvent[] {
    return this.#events;
  }

  /** The next event that `accepts` likes, which has come already or comes within `ms`. */
  async next<Wanted extends LoggedEvent>(
    name: string,
    accepts: (event: LoggedEvent) => event is Wanted,
    ms: number,
    describe: () => string,
  ): Promise<Wanted> {
    let listener = () => {};
    const found = new Promise<Wanted>((resolve, reject) => {
      // Off the list at once: several events may come in one tick, and the second is for the next wait.
      const settle = (outcome: () => void) => {
        this.#listeners.delete(listener);
        outcome();
      };
      listener = () => {
        try {
          const event = this.#take(name, accepts);
          if (event !== undefined) settle(() => resolve(event));
          else if (this.#closed !== undefined) settle(() => reject(this.#closed));
        } catch (error) {
          // The test's own predicate has thrown.
          settle(() => reject(error));
        }
      };
      this.#listeners.add(listener);
      listener();
    });
    try {
      return await within(ms, describe, found);
    } finally {
      this.#listeners.delete(listener);
    }
  }

  #take<Wanted extends LoggedEvent>(
    name: string,
    accepts: (event: LoggedEvent) => event is Wanted,
  ): Wanted | undefined {
    const from = this.#read.get(name) ?? 0;
    for (const [index, event] of this.#events.entries()) {
      if (index < from || event.name !== name || !accepts(event)) continue;
      this.#read.set(name, index + 1);
      return event;
    }
    return undefined;
  }

  #notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
