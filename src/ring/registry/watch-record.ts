import type { JsonObject, RecordStore } from '../../store/index.js';
import { type AlertEvent, INITIAL_MEMBERS_STATE, type MembersState } from '../expected/index.js';

/** What is kept between two judgements. */
export interface KeptState {
  readonly state: MembersState;
  /** What somebody has yet to be told of, the oldest first. */
  readonly untold: readonly AlertEvent[];
  /** When it was judged last, by the clock of the store; undefined where nothing was kept. */
  readonly judgedAt: number | undefined;
}

const [COLLECTION, KEY] = ['expected', 'state'];

/** It outlives any pause between two judgements. Milliseconds. */
const TTL = 7 * 86_400_000;

/** Alerts that wait to be told of. Beyond that the oldest is left out. */
const MOST_UNTOLD = 1_000;

/** Where the registries keep what they have made of who is missing, so that another can go on with it. */
export class WatchRecord {
  readonly #store: RecordStore;

  constructor(store: RecordStore) {
    this.#store = store;
  }

  /** What was written by {@link write}; what is of another shape than that is none. */
  read(): KeptState {
    const value: JsonObject = this.#store.get(COLLECTION, KEY)?.value ?? {};
    const [state, untold, judgedAt] = [value['state'], value['untold'], value['judgedAt']];
    return {
      state: isState(state) ? state : INITIAL_MEMBERS_STATE,
      untold: isEvents(untold) ? untold : [],
      judgedAt: typeof judgedAt === 'number' ? judgedAt : undefined,
    };
  }

  async write({ state, untold, judgedAt }: KeptState): Promise<void> {
    await this.#store.put(COLLECTION, KEY, toJson({ state, untold: untold.slice(-MOST_UNTOLD), judgedAt }), TTL);
  }
}

function isState(value: unknown): value is MembersState {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['locations', 'raised'].every((name) => Array.isArray(Reflect.get(value, name)))
  );
}

function isEvents(value: unknown): value is readonly AlertEvent[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'object' && each !== null && 'alert' in each);
}

function toJson(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value));
}
