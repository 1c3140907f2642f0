import { callSafely } from '../events/index.js';
import type { NetworkReason } from '../state/index.js';

type OnStranded = (reason: NetworkReason) => void;

/** Says to the other end that work began or ended. */
export interface WorkGroupHandlers {
  begin(group: number): void;
  end(group: number): void;
}

interface Group {
  readonly number: number;
  readonly listeners: Set<OnStranded>;
  timer?: NodeJS.Timeout;
}

/**
 * How long work that begins is told of together, in milliseconds, so that thousands of attempts a second are ten pairs of messages. Short
 * against the 200 ms for which the monitor looks whether an egress that has gone stays away.
 */
const WINDOW = 100;

/** Work in flight, in groups of what began at about the same time and therefore on the same egress. */
export class WorkGroups {
  readonly #handlers: WorkGroupHandlers;
  readonly #groups = new Map<number, Group>();
  #newest: Group | undefined;
  #count = 0;

  constructor(handlers: WorkGroupHandlers) {
    this.#handlers = handlers;
  }

  /** Whether any work is in flight, or was a moment ago. */
  get busy(): boolean {
    return this.#groups.size > 0;
  }

  add(onStranded: OnStranded): () => void {
    const group = this.#newest ?? this.#open();
    // An own function each time: the same one may be given for two pieces of work.
    const own: OnStranded = (reason) => onStranded(reason);
    group.listeners.add(own);
    return () => {
      group.listeners.delete(own);
      this.#review(group);
    };
  }

  /** What begins from now on may be on another egress. */
  turn(): void {
    const group = this.#newest;
    if (group === undefined) return;
    this.#newest = undefined;
    clearTimeout(group.timer);
    this.#review(group);
  }

  strand(number: number, reason: NetworkReason): void {
    const group = this.#groups.get(number);
    if (group === undefined) return;
    if (group === this.#newest) this.turn();
    const stranded = [...group.listeners];
    group.listeners.clear();
    for (const listener of stranded) callSafely(() => listener(reason));
    this.#review(group);
  }

  /** Tells of all groups anew, to an end that knows of none. */
  retell(): void {
    this.turn();
    for (const number of this.#groups.keys()) this.#handlers.begin(number);
  }

  #open(): Group {
    this.#count += 1;
    const group: Group = { number: this.#count, listeners: new Set() };
    group.timer = setTimeout(() => this.turn(), WINDOW);
    group.timer.unref();
    this.#groups.set(group.number, group);
    this.#newest = group;
    this.#handlers.begin(group.number);
    return group;
  }

  #review(group: Group): void {
    if (group === this.#newest || group.listeners.size > 0) return;
    if (this.#groups.delete(group.number)) this.#handlers.end(group.number);
  }
}
