import type { SafeEmitter } from '../events/index.js';

/** What can be written as JSON. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

/** An object of JSON. */
export interface JsonObject {
  readonly [name: string]: Json | undefined;
}

/** What is kept under a key for a while. */
export interface StoredRecord {
  /** Its name within its collection. */
  readonly key: string;
  /** What is kept. */
  readonly value: JsonObject;
  /** When it was written: milliseconds since 1970, by the store's clock. */
  readonly updatedAt: number;
  /** When it is forgotten, by the same clock. */
  readonly expiresAt: number;
}

/** What became of a write. */
export interface Written {
  /** Whether it is as safe as the store can make it; not, where the shared store is away and only this process knows it yet. */
  readonly durable: boolean;
}

/** That there is another record under a key, or none any more. */
export interface StoreChange {
  /** Where. */
  readonly collection: string;
  /** Under which name. */
  readonly key: string;
  /** Absent where it was deleted or has expired. */
  readonly record?: StoredRecord;
}

/** How a store is. */
export interface StoreHealth {
  /** In this process alone, or shared. */
  readonly kind: 'memory' | 'redis';
  /** Whether the shared part can be reached. That of memory always can. */
  readonly reachable: boolean;
  /** Since when it cannot, in milliseconds since 1970. */
  readonly awaySince?: number;
  /** Writes that only this process knows of yet. */
  readonly unsynced: number;
  /** Why it cannot be reached. */
  readonly error?: string;
}

/** What a store emits. */
export type StoreEvents = {
  /** A record came, changed, was deleted or expired, whoever did it. */
  change: (change: StoreChange) => void;
  /** The shared part cannot be reached any more. */
  away: (error: Error) => void;
  /** It can again, and everything has been told to each other. */
  back: () => void;
};

/**
 * Keeps records by collection and key, each for a time. What is read is always what this process knows; what is written goes to the shared part
 * as well, where there is one.
 */
export interface RecordStore extends Pick<SafeEmitter<StoreEvents>, 'on' | 'once' | 'off'>, AsyncDisposable {
  /** How it is. */
  readonly health: StoreHealth;
  /** Milliseconds since 1970: the same for all who share the store, whatever their own clocks say. */
  now(): number;
  /** The record under a key. */
  get(collection: string, key: string): StoredRecord | undefined;
  /** How many records a collection has, those included that have expired and are about to be forgotten. */
  count(collection: string): number;
  /** All records of a collection. */
  list(collection: string): readonly StoredRecord[];
  /**
   * Keeps a record in the place of the one before.
   *
   * @param ttl for how long, in milliseconds.
   * @throws {StoreFullError} where there are too many.
   */
  put(collection: string, key: string, value: JsonObject, ttl: number): Promise<Written>;
  /** Forgets a record, if there is one. */
  delete(collection: string, key: string): Promise<Written>;
  /** Begins. Does not fail where the shared part is away: that is told by `health`. */
  start(): Promise<void>;
  /** Ends. May be called again. */
  close(): Promise<void>;
}
