import type { JsonObject, StoreChange, StoredRecord } from './record-store.js';
import { StoreFullError } from './store-full-error.js';

/** What a process knows under a key: a record, or that it was deleted. */
export interface Entry {
  readonly key: string;
  /** Absent where it was deleted: what is older and comes later has to be known as such. */
  readonly value?: JsonObject;
  readonly updatedAt: number;
  readonly expiresAt: number;
}

/** Records that one collection may have. */
export const MOST_RECORDS = 100_000;

/** Milliseconds for which it is known that a record was deleted. */
export const DELETED_TTL = 3_600_000;

/** The records as one process knows them. Pure: clock and timers are its owner's. */
export class Mirror {
  readonly #collections = new Map<string, Map<string, Entry>>();
  readonly #changed: (change: StoreChange) => void;

  constructor(changed: (change: StoreChange) => void) {
    this.#changed = changed;
  }

  entry(collection: string, key: string): Entry | undefined {
    return this.#collections.get(collection)?.get(key);
  }

  record(collection: string, key: string, now: number): StoredRecord | undefined {
    const entry = this.entry(collection, key);
    return entry === undefined ? undefined : recordOf(entry, now);
  }

  records(collection: string, now: number): readonly StoredRecord[] {
    return [...(this.#collections.get(collection)?.values() ?? [])].flatMap((entry) => recordOf(entry, now) ?? []);
  }

  *entries(): Generator<readonly [collection: string, entry: Entry]> {
    for (const [collection, entries] of this.#collections)
      for (const entry of entries.values()) yield [collection, entry];
  }

  /**
   * Takes an entry in, unless a later one is known.
   *
   * @returns whether it was taken.
   * @throws {StoreFullError}
   */
  put(collection: string, entry: Entry): boolean {
    const entries = this.#collections.get(collection) ?? new Map<string, Entry>();
    const known = entries.get(entry.key);
    if (known !== undefined && known.updatedAt > entry.updatedAt) return false;
    if (known === undefined && entries.size >= MOST_RECORDS) throw new StoreFullError(collection, MOST_RECORDS);
    this.#collections.set(collection, entries.set(entry.key, entry));
    const { key, value } = entry;
    const isNews = value !== undefined || known?.value !== undefined;
    if (isNews) this.#changed({ collection, key, ...(value !== undefined && { record: { ...entry, value } }) });
    return true;
  }

  /** Forgets what has expired. */
  sweep(now: number): void {
    for (const [collection, entries] of this.#collections) {
      for (const [key, { expiresAt, value }] of entries) {
        if (expiresAt > now) continue;
        entries.delete(key);
        if (value !== undefined) this.#changed({ collection, key });
      }
      if (entries.size === 0) this.#collections.delete(collection);
    }
  }
}

function recordOf({ key, value, updatedAt, expiresAt }: Entry, now: number): StoredRecord | undefined {
  return value === undefined || expiresAt <= now ? undefined : { key, value, updatedAt, expiresAt };
}
