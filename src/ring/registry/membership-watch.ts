import { randomUUID } from 'node:crypto';
import { toError } from '../../errors/index.js';
import type { JsonObject, RecordStore } from '../../store/index.js';
import {
  type AlertEvent,
  type ExpectedMembers,
  INITIAL_MEMBERS_STATE,
  judgeMembers,
  type MembersJudgement,
  type MembersState,
} from '../expected/index.js';
import type { RingBook } from './ring-book.js';

/** What a {@link MembershipWatch} needs. */
export interface MembershipWatchOptions {
  readonly book: RingBook;
  readonly store: RecordStore;
  readonly expected: ExpectedMembers;
  /** Told of each alert that begins or ends, by one of the registries that share the store. */
  readonly notify: (events: readonly AlertEvent[]) => void;
  readonly onError: (error: Error) => void;
}

/** A registry that has not said for so many rounds that it is there, is not. */
const ROUNDS_UNTIL_GONE = 3;

/** What is remembered outlives any pause between two judgements. Milliseconds. */
const STATE_TTL = 7 * 86_400_000;

/**
 * Judges again and again who is missing. Of several registries with one store each judges for those who ask it; the one with the lowest id keeps
 * the state, and tells of alerts.
 */
export class MembershipWatch {
  readonly #options: MembershipWatchOptions;
  readonly #id = randomUUID();
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(options: MembershipWatchOptions) {
    this.#options = options;
  }

  /** Who is missing now. Changes nothing. */
  get judgement(): MembersJudgement {
    const { book, store, expected } = this.#options;
    const present = book.active().map(({ instance_id: id, location }) => ({ id, location }));
    return judgeMembers(expected, present, this.#state(), store.now());
  }

  start(): void {
    const { checkInterval } = this.#options.expected;
    this.#timer ??= setInterval(() => void this.#round(), checkInterval).unref();
    void this.#round();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#options.store.delete('registry', this.#id);
  }

  async #round(): Promise<void> {
    const { store, expected, notify, onError } = this.#options;
    try {
      await store.put('registry', this.#id, {}, ROUNDS_UNTIL_GONE * expected.checkInterval);
      const [first] = store
        .list('registry')
        .map(({ key }) => key)
        .sort();
      if (first !== this.#id) return;
      const { state, alerts } = this.judgement;
      await store.put('expected', 'state', toJson(state), STATE_TTL);
      if (alerts.length > 0) notify(alerts);
    } catch (error) {
      onError(toError(error));
    }
  }

  /** What was written by {@link #round}; a state of another shape than ours is none. */
  #state(): MembersState {
    const value: unknown = this.#options.store.get('expected', 'state')?.value;
    return isState(value) ? value : INITIAL_MEMBERS_STATE;
  }
}

function isState(value: unknown): value is MembersState {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['locations', 'raised'].every((name) => Array.isArray(Reflect.get(value, name)))
  );
}

function toJson(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value));
}
