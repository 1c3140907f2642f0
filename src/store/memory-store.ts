import { SafeEmitter } from '../events/index.js';
import { checkCollection, checkKey, checkTtl } from './check-write.js';
import { deletionOf, type EntryTimes, entryOf, Mirror } from './mirror.js';
import type { JsonObject, RecordStore, StoredRecord, StoreEvents, StoreHealth, Written } from './record-store.js';

/** Milliseconds from one look for what has expired to the next. */
const SWEEP_INTERVAL = 1_000;

/** Keeps records in this process alone. They are gone with it. */
export class MemoryStore extends SafeEmitter<StoreEvents> implements RecordStore {
  readonly #mirror = new Mirror((change) => this.emit('change', change));
  #sweeper: ReturnType<typeof setInterval> | undefined;

  get health(): StoreHealth {
    return { kind: 'memory', reachable: true, unsynced: 0 };
  }

  now(): number {
    return clock();
  }

  get(collection: string, key: string): StoredRecord | undefined {
    return this.#mirror.record(collection, key, this.now());
  }

  count(collection: string): number {
    return this.#mirror.count(collection);
  }

  list(collection: string): readonly StoredRecord[] {
    return this.#mirror.records(collection, this.now());
  }

  async put(collection: string, key: string, value: JsonObject, ttl: number): Promise<Written> {
    checkCollection(collection);
    checkKey(key);
    checkTtl(ttl);
    this.#mirror.put(collection, entryOf(key, value, this.#times(ttl)), value);
    return { durable: true };
  }

  async delete(collection: string, key: string): Promise<Written> {
    // Nobody else has anything older that could still come.
    if (this.get(collection, key) !== undefined) this.#mirror.put(collection, deletionOf(key, this.#times(0)));
    return { durable: true };
  }

  async start(): Promise<void> {
    this.#sweeper ??= setInterval(() => this.#mirror.sweep(this.now()), SWEEP_INTERVAL).unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }

  #times(ttl: number): EntryTimes {
    const updatedAt = this.now();
    return { updatedAt, expiresAt: updatedAt + ttl };
  }

  /** As `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** The wall clock as it was when the process started, and from there on a clock that nobody sets. Milliseconds since 1970. */
export function clock(): number {
  return performance.timeOrigin + performance.now();
}
