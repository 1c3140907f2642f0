import { randomUUID } from 'node:crypto';
import type { RecordStore } from '../../store/index.js';

const COLLECTION = 'registry';

/** A registry that has not said for so many rounds that it is there, is not. */
export const ROUNDS_UNTIL_GONE = 3;

/**
 * Elects the leader of the registries that share a store: the one that has been there the longest. One that joins never takes that from another, which
 * may be about to tell somebody of something.
 */
export class LeaderElection {
  readonly #store: RecordStore;
  readonly #interval: number;
  #id: string | undefined;

  /** @param interval milliseconds from one round to the next. */
  constructor(store: RecordStore, interval: number) {
    this.#store = store;
    this.#interval = interval;
  }

  /** Says that this registry is there. @returns whether it leads. */
  async isLeader(): Promise<boolean> {
    const isKnown = this.#id !== undefined && this.#store.get(COLLECTION, this.#id) !== undefined;
    // Who was taken for gone comes anew.
    if (this.#id === undefined || !isKnown) this.#id = `${timeOf(this.#store.now())} ${randomUUID()}`;
    await this.#store.put(COLLECTION, this.#id, {}, ROUNDS_UNTIL_GONE * this.#interval);
    // Two that come at the same moment do not know of each other before the next round.
    if (!isKnown && this.#store.health.kind !== 'memory') return false;
    const ids = this.#store.list(COLLECTION).map(({ key }) => key);
    return ids.sort()[0] === this.#id;
  }

  /** Says that this registry goes, or cannot lead. */
  async leave(): Promise<void> {
    if (this.#id !== undefined) await this.#store.delete(COLLECTION, this.#id);
    this.#id = undefined;
  }
}

/** So that the order of texts is that of times. */
function timeOf(milliseconds: number): string {
  return Math.floor(milliseconds).toString().padStart(15, '0');
}
