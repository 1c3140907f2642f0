import { PackedJson, SHORTEST_PACKED } from './packed-json.js';
import type { JsonObject, StoreChange, StoredRecord } from './record-store.js';
import { StoreFullError } from './store-full-error.js';

/** What a process knows under a key: a record, or that it was deleted. */
export interface Entry {
  readonly key: string;
  /** Absent where it was deleted: what is older and comes later has to be known as such. */
  readonly value?: JsonObject;
  /** The value as JSON, where it is kept as that: then the object is made anew each time that it is asked for. */
  readonly text?: string;
  readonly updatedAt: number;
  readonly expiresAt: number;
  /** Characters of the value as JSON. */
  readonly size: number;
}

/** When an entry was written, and when it is forgotten. */
export type EntryTimes = Pick<Entry, 'updatedAt' | 'expiresAt'>;

/**
 * The entry of a value.
 *
 * @param text the same as JSON.
 */
export function entryOf(key: string, value: JsonObject, times: EntryTimes, text = JSON.stringify(value)): Entry {
  if (text.length < SHORTEST_PACKED) return { key, value, ...times, size: text.length };
  const packed = new PackedJson(text);
  return {
    key,
    get value() {
      return packed.value;
    },
    get text() {
      return packed.text;
    },
    ...times,
    size: text.length,
  };
}

/** That there is nothing under a key any more, which is known for a while. */
export function deletionOf(key: string, times: EntryTimes): Entry {
  return { key, ...times, size: 0 };
}

/** Records that one collection may have. */
export const MOST_RECORDS = 100_000;

/** Characters that the records of one collection may have as JSON. In memory they take about twice as many bytes. */
export const MOST_CHARACTERS = 64 * 2 ** 20;

/** Milliseconds for which it is known that a record was deleted. */
export const DELETED_TTL = 3_600_000;

/** The records as one process knows them. Pure: clock and timers are its owner's. */
export class Mirror {
  readonly #collections = new Map<string, Map<string, Kept>>();
  readonly #tallies = new Map<string, Tally>();
  readonly #changed: (change: StoreChange) => void;

  constructor(changed: (change: StoreChange) => void) {
    this.#changed = changed;
  }

  entry(collection: string, key: string): Entry | undefined {
    return this.#collections.get(collection)?.get(key)?.entry;
  }

  /** The same object for the same entry. */
  record(collection: string, key: string, now: number): StoredRecord | undefined {
    const kept = this.#collections.get(collection)?.get(key);
    return kept === undefined ? undefined : recordIn(kept, now);
  }

  /** How many are there, or have expired since the last {@link sweep}. */
  count(collection: string): number {
    return this.#tally(collection).records;
  }

  records(collection: string, now: number): readonly StoredRecord[] {
    return [...(this.#collections.get(collection)?.values() ?? [])].flatMap((kept) => recordIn(kept, now) ?? []);
  }

  entries(collection: string): readonly Entry[] {
    return [...(this.#collections.get(collection)?.values() ?? [])].map(({ entry }) => entry);
  }

  /**
   * Takes an entry in, unless a later one is known.
   *
   * @param value that of the entry, where it is at hand: who is told of the change need not make it anew.
   * @returns whether it was taken.
   * @throws {StoreFullError}
   */
  put(collection: string, entry: Entry, value?: JsonObject): boolean {
    const entries = this.#collections.get(collection) ?? new Map<string, Kept>();
    const known = entries.get(entry.key)?.entry;
    if (known !== undefined && known.updatedAt > entry.updatedAt) return false;
    this.#checkRoom(collection, entries, known, entry);
    const record = recordOf(entry);
    this.#collections.set(collection, entries.set(entry.key, { entry, record }));
    this.#count(collection, known, entry);
    const { key, updatedAt, expiresAt } = entry;
    if (record !== undefined) {
      const told = value === undefined ? record : { key, value, updatedAt, expiresAt };
      this.#changed({ collection, key, record: told });
    } else if (known !== undefined && !isDeletion(known)) this.#changed({ collection, key });
    return true;
  }

  /** Forgets what has expired. */
  sweep(now: number): void {
    for (const [collection, entries] of this.#collections) {
      for (const [key, { entry, record }] of entries) {
        if (entry.expiresAt > now) continue;
        entries.delete(key);
        this.#count(collection, entry, undefined);
        if (record !== undefined) this.#changed({ collection, key });
      }
      if (entries.size === 0) this.#collections.delete(collection);
    }
  }

  /** What was deleted gives way to what is there. */
  #checkRoom(collection: string, entries: Map<string, Kept>, known: Entry | undefined, entry: Entry): void {
    if (known === undefined && entries.size >= MOST_RECORDS) {
      const deleted = [...entries.values()].find(({ record }) => record === undefined);
      if (deleted === undefined) throw new StoreFullError(collection, `${MOST_RECORDS} records`);
      entries.delete(deleted.entry.key);
    }
    const characters = this.#tally(collection).characters + entry.size - (known?.size ?? 0);
    if (characters > MOST_CHARACTERS && entry.size > 0)
      throw new StoreFullError(collection, `${MOST_CHARACTERS} characters`);
  }

  #count(collection: string, before: Entry | undefined, after: Entry | undefined): void {
    const { records, characters } = this.#tally(collection);
    const more = countOf(after) - countOf(before);
    const longer = (after?.size ?? 0) - (before?.size ?? 0);
    this.#tallies.set(collection, { records: records + more, characters: characters + longer });
  }

  #tally(collection: string): Tally {
    return this.#tallies.get(collection) ?? { records: 0, characters: 0 };
  }
}

/** How much is there of a collection. */
interface Tally {
  readonly records: number;
  readonly characters: number;
}

/** An entry, and what is told of it. */
interface Kept {
  readonly entry: Entry;
  /** Absent where it was deleted. */
  readonly record: StoredRecord | undefined;
}

function recordIn({ entry, record }: Kept, now: number): StoredRecord | undefined {
  return entry.expiresAt <= now ? undefined : record;
}

/** Its value is not made before somebody asks for it. */
function recordOf(entry: Entry): StoredRecord | undefined {
  if (isDeletion(entry)) return undefined;
  const { key, updatedAt, expiresAt } = entry;
  return {
    key,
    get value() {
      return entry.value ?? {};
    },
    updatedAt,
    expiresAt,
  };
}

function isDeletion(entry: Entry): boolean {
  return !('value' in entry);
}

function countOf(entry: Entry | undefined): number {
  return Number(entry !== undefined && !isDeletion(entry));
}
