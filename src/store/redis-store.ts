import { randomUUID } from 'node:crypto';
import { InvalidOptionError, toError } from '../errors/index.js';
import { SafeEmitter } from '../events/index.js';
import {
  checkOptions,
  functionRule,
  milliseconds,
  nonEmptyString,
  type OptionRules,
  objectWith,
} from '../options/index.js';
import { checkCollection, checkKey, checkTtl } from './check-write.js';
import { clock } from './memory-store.js';
import { DELETED_TTL, deletionOf, type Entry, type EntryTimes, entryOf, Mirror } from './mirror.js';
import type { JsonObject, RecordStore, StoredRecord, StoreEvents, StoreHealth, Written } from './record-store.js';
import type { RedisClient } from './redis-client.js';
import { RedisTables } from './redis-tables.js';
import { StoreFullError } from './store-full-error.js';

/** Options of a {@link RedisStore}. */
export interface RedisStoreOptions {
  /** The user's own, as of ioredis; what it has connected to is not closed with the store. */
  readonly client: RedisClient;
  /** What all keys begin with. @default 'netpause:' */
  readonly prefix?: string | undefined;
  /** The collections that there are. */
  readonly collections: readonly string[];
  /** Milliseconds within which Redis has to answer. @default 2000 */
  readonly timeout?: number | undefined;
  /** Milliseconds from one look at everything to the next: what a lost message would have told is seen then. @default 5000 */
  readonly surveyInterval?: number | undefined;
}

const DEFAULTS = { prefix: 'netpause:', timeout: 2_000, surveyInterval: 5_000 };

/**
 * Keeps records in Redis, where several processes share them, and knows them all itself: what is read needs no connection.
 *
 * While Redis is away, this process goes on with what it knows; what is written meanwhile is told to Redis when it is back. Of two writes of
 * one record the later one counts, by the clock of Redis, whichever process made it.
 */
export class RedisStore extends SafeEmitter<StoreEvents> implements RecordStore {
  readonly #mirror = new Mirror((change) => this.emit('change', change));
  readonly #tables: RedisTables;
  readonly #collections: readonly string[];
  readonly #surveyInterval: number;
  /** By collection and key: what Redis does not know yet. */
  readonly #unsynced = new Map<string, { readonly collection: string; readonly entry: Entry }>();
  /** Milliseconds by which the clock of Redis is ahead of ours. */
  #offset = 0;
  #lastWrite = 0;
  #awaySince: number | undefined;
  #error: Error | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #surveying: Promise<void> | undefined;
  #isClosed = false;

  /** @throws {InvalidOptionError} */
  constructor(options: RedisStoreOptions) {
    super();
    checkOptions('RedisStore', options, RULES);
    const { client, prefix = DEFAULTS.prefix, timeout = DEFAULTS.timeout, collections } = options;
    for (const each of collections) checkCollection(each);
    this.#collections = collections;
    this.#surveyInterval = options.surveyInterval ?? DEFAULTS.surveyInterval;
    this.#tables = new RedisTables({ client, prefix, timeout, writer: randomUUID() }, (collection, key) =>
      this.#onMessage(collection, key),
    );
  }

  get health(): StoreHealth {
    return {
      kind: 'redis',
      reachable: this.#awaySince === undefined,
      ...(this.#awaySince !== undefined && { awaySince: this.#awaySince }),
      unsynced: this.#unsynced.size,
      ...(this.#error !== undefined && { error: this.#error.message }),
    };
  }

  now(): number {
    return clock() + this.#offset;
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
    checkKey(key);
    checkTtl(ttl);
    return this.#write(collection, entryOf(key, value, this.#times(collection, key, ttl)), value);
  }

  async delete(collection: string, key: string): Promise<Written> {
    if (this.get(collection, key) === undefined) return { durable: this.#awaySince === undefined };
    const { updatedAt, expiresAt } = this.#times(collection, key, DELETED_TTL);
    return this.#write(collection, deletionOf(key, { updatedAt: updatedAt + HEARD_AFTER, expiresAt }));
  }

  async start(): Promise<void> {
    if (this.#timer !== undefined || this.#isClosed) return;
    this.#timer = setInterval(() => void this.#survey(), this.#surveyInterval).unref();
    this.#tables.listen(() => void this.#survey());
    await this.#survey();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#surveying;
    this.#tables.close();
  }

  /** As `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Later than every write of this process before, and than what it knows: two within a millisecond have an order too. */
  #times(collection: string, key: string, ttl: number): EntryTimes {
    const now = this.now();
    this.#lastWrite = Math.max(now, this.#lastWrite + TICK);
    const known = this.#mirror.entry(collection, key)?.updatedAt ?? 0;
    return { updatedAt: Math.max(this.#lastWrite, known + TICK), expiresAt: now + ttl };
  }

  async #write(collection: string, entry: Entry, value?: JsonObject): Promise<Written> {
    this.#checkKnown(collection);
    this.#mirror.put(collection, entry, value);
    const id = `${collection} ${entry.key}`;
    this.#unsynced.set(id, { collection, entry });
    // Whoever waits for Redis to answer would wait for each of many.
    if (this.#awaySince !== undefined) return { durable: false };
    try {
      // What is later there is what is to be known here.
      if (!(await this.#tables.put(collection, entry, this.now()))) await this.#fetch(collection, entry.key);
    } catch (error) {
      this.#onAway(toError(error));
      return { durable: false };
    }
    // Another write may have come meanwhile.
    if (this.#unsynced.get(id)?.entry === entry) this.#unsynced.delete(id);
    return { durable: true };
  }

  #checkKnown(collection: string): void {
    if (this.#collections.includes(collection)) return;
    throw new InvalidOptionError('RedisStore: collection', collection, `one of ${this.#collections.join(', ')}`);
  }

  /** Another process has written. */
  #onMessage(collection: string, key: string): void {
    if (!this.#collections.includes(collection)) return;
    this.#fetch(collection, key).catch((error: unknown) => this.#onAway(toError(error)));
  }

  async #fetch(collection: string, key: string): Promise<void> {
    const entry = await this.#tables.read(collection, key, () => this.now());
    if (entry === undefined) return;
    try {
      this.#mirror.put(collection, entry);
    } catch (error) {
      // Others may have taken in more than this process does. That is no fault of Redis.
      if (!(error instanceof StoreFullError)) throw error;
    }
  }

  /** Looks at everything, one time after another. */
  #survey(): Promise<void> {
    this.#surveying ??= this.#surveyOnce().finally(() => {
      this.#surveying = undefined;
    });
    return this.#surveying;
  }

  async #surveyOnce(): Promise<void> {
    try {
      const asked = clock();
      const theirs = await this.#tables.time();
      // As NTP has it: the answer was given in the middle.
      this.#offset = theirs - (asked + clock()) / 2;
      await this.#tell();
      for (const collection of this.#collections) await this.#compare(collection);
      if (!this.#isClosed) this.#onBack();
      // What was written while everything was compared.
      await this.#tell();
    } catch (error) {
      this.#onAway(toError(error));
    }
    this.#forgetExpired();
  }

  #forgetExpired(): void {
    const now = this.now();
    this.#mirror.sweep(now);
    for (const [id, { entry }] of this.#unsynced) if (entry.expiresAt <= now) this.#unsynced.delete(id);
  }

  /** Tells Redis what it does not know yet, also while it closes; not what comes meanwhile, or it might never come to an end. */
  async #tell(): Promise<void> {
    for (const batch of batchesOf([...this.#unsynced])) {
      await Promise.all(
        batch.map(async ([id, { collection, entry }]) => {
          if (entry.expiresAt > this.now()) await this.#tables.put(collection, entry, this.now());
          if (this.#unsynced.get(id)?.entry === entry) this.#unsynced.delete(id);
        }),
      );
    }
  }

  /** Fetches what is newer there, and tells what is older or missing: a Redis may come back with what it was yesterday, or with nothing. */
  async #compare(collection: string): Promise<void> {
    if (this.#isClosed) return;
    const theirs = await this.#tables.survey(collection);
    const isBehind = ([key, at]: readonly [string, number]) =>
      (this.#mirror.entry(collection, key)?.updatedAt ?? 0) < at;
    for (const batch of batchesOf([...theirs].filter(isBehind))) {
      if (this.#isClosed) return;
      await Promise.all(batch.map(([key]) => this.#fetch(collection, key)));
    }
    const isAhead = ({ key, updatedAt }: Entry) => (theirs.get(key) ?? 0) < updatedAt;
    for (const batch of batchesOf(this.#mirror.entries(collection).filter(isAhead))) {
      if (this.#isClosed) return;
      const soon = this.now() + EXPIRY_SLACK;
      const lasting = batch.filter(({ expiresAt }) => expiresAt > soon);
      await Promise.all(lasting.map((entry) => this.#tables.put(collection, entry, this.now())));
    }
  }

  #onAway(error: Error): void {
    this.#error = error;
    if (this.#awaySince !== undefined || this.#isClosed) return;
    this.#awaySince = this.now();
    this.emit('away', error);
  }

  #onBack(): void {
    if (this.#awaySince === undefined) return;
    this.#awaySince = undefined;
    this.#error = undefined;
    this.emit('back');
  }
}

/** Milliseconds. */
const TICK = 0.001;

/**
 * Milliseconds by which a deletion counts as later than it was: what another process writes meanwhile, which has not heard of it yet, does not undo it;
 * what one writes that has heard of it is later still.
 */
const HEARD_AFTER = 1_000;

/** What is about to expire may have expired there first. Milliseconds. */
const EXPIRY_SLACK = 1_000;

/** Records that are on their way at once: round trips are shared, and Redis is not asked for everything in one moment. */
const BATCH = 100;

function* batchesOf<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let start = 0; start < items.length; start += BATCH) yield items.slice(start, start + BATCH);
}

const RULES: OptionRules<RedisStoreOptions> = {
  client: objectWith('a client of ioredis', (client) =>
    ['call', 'duplicate', 'on', 'off'].every((name) => functionRule.accepts(Reflect.get(client, name))),
  ),
  prefix: nonEmptyString,
  collections: {
    allowed: 'a list of names',
    accepts: (value) => Array.isArray(value) && value.length > 0 && value.every((each) => nonEmptyString.accepts(each)),
  },
  timeout: milliseconds(1),
  surveyInterval: milliseconds(10),
};
