import { deletionOf, type Entry, entryOf } from './mirror.js';
import type { JsonObject } from './record-store.js';
import type { RedisClient } from './redis-client.js';
import { PUT, READ, SURVEY } from './redis-scripts.js';

/** How records are kept in Redis. */
export interface RedisTablesOptions {
  readonly client: RedisClient;
  readonly prefix: string;
  /** Milliseconds. */
  readonly timeout: number;
  /** Who writes: its own messages come back to it. */
  readonly writer: string;
}

/**
 * Records as they are in Redis: a hash for each (`<prefix><collection>:<key>`, with `value` and `at`), a set of the keys of each collection
 * (`<prefix><collection>`), and a channel (`<prefix>changes`).
 */
export class RedisTables {
  readonly #client: RedisClient;
  readonly #prefix: string;
  readonly #timeout: number;
  readonly #writer: string;
  readonly #told: (collection: string, key: string) => void;
  /** What goes wrong is seen by the commands that fail. Each store has one of its own, as it takes it away from a client that others may use. */
  readonly #onError = (): void => {};
  #subscriber: RedisClient | undefined;
  #listener: (() => void) | undefined;

  constructor(
    { client, prefix, timeout, writer }: RedisTablesOptions,
    told: (collection: string, key: string) => void,
  ) {
    this.#client = client;
    this.#prefix = prefix;
    this.#timeout = timeout;
    this.#writer = writer;
    this.#told = told;
    client.on('error', this.#onError);
  }

  /** Calls back whenever a connection stands or is lost, and listens to what others write. */
  listen(listener: () => void): void {
    this.#listener = listener;
    this.#client.on('ready', listener);
    this.#client.on('close', listener);
    const subscriber = this.#client.duplicate();
    this.#subscriber = subscriber;
    subscriber.on('error', this.#onError);
    subscriber.on('message', (_channel, message) => this.#onMessage(message));
    const subscribe = (): void => void subscriber.subscribe(this.#channel).catch(ignore);
    // A client that queues nothing cannot subscribe before it is connected. Saying it again does no harm.
    subscriber.on('ready', subscribe);
    subscribe();
  }

  /** Milliseconds since 1970, by the clock of Redis. */
  async time(): Promise<number> {
    const answer = await this.#ask('TIME');
    const [seconds, microseconds] = Array.isArray(answer) ? answer.map(Number) : [];
    if (seconds === undefined || microseconds === undefined) throw new Error('Redis does not tell its time');
    return seconds * 1_000 + microseconds / 1_000;
  }

  /** @returns whether it was taken: not, where a later one is there. */
  async put(collection: string, entry: Entry, now: number): Promise<boolean> {
    const { key, updatedAt, expiresAt } = entry;
    const ttl = Math.max(1, Math.round(expiresAt - now));
    const message = JSON.stringify([this.#writer, collection, key]);
    const text = entry.text ?? JSON.stringify(entry.value) ?? '';
    const [hash, set] = [this.#hash(collection, key), this.#set(collection)];
    return (await this.#ask('EVAL', PUT, 2, hash, set, key, text, updatedAt, ttl, this.#channel, message)) === 1;
  }

  /** @returns when each record was written, by key. */
  async survey(collection: string): Promise<ReadonlyMap<string, number>> {
    const answer = await this.#ask('EVAL', SURVEY, 1, this.#set(collection), `${this.#set(collection)}:`);
    const parts: unknown[] = Array.isArray(answer) ? answer : [];
    const pairs = parts.flatMap((part, index) =>
      index % 2 === 0 ? [[String(part), Number(parts[index + 1])] as const] : [],
    );
    return new Map(pairs);
  }

  async read(collection: string, key: string, now: () => number): Promise<Entry | undefined> {
    const answer = await this.#ask('EVAL', READ, 1, this.#hash(collection, key));
    const [text, at, ttl]: unknown[] = Array.isArray(answer) ? answer : [];
    if (typeof text !== 'string' || typeof at !== 'string' || typeof ttl !== 'number' || ttl <= 0) return undefined;
    const value = text === '' ? undefined : objectIn(text);
    const times = { updatedAt: Number(at), expiresAt: now() + ttl };
    return value === undefined ? deletionOf(key, times) : entryOf(key, value, times, text);
  }

  close(): void {
    this.#client.off('error', this.#onError);
    if (this.#listener !== undefined) {
      this.#client.off('ready', this.#listener);
      this.#client.off('close', this.#listener);
    }
    this.#subscriber?.disconnect();
  }

  get #channel(): string {
    return `${this.#prefix}changes`;
  }

  #set(collection: string): string {
    return `${this.#prefix}${collection}`;
  }

  #hash(collection: string, key: string): string {
    return `${this.#set(collection)}:${key}`;
  }

  #onMessage(message: string): void {
    const parts = parse(message);
    if (!Array.isArray(parts)) return;
    const [writer, collection, key]: unknown[] = parts;
    if (writer !== this.#writer && typeof collection === 'string' && typeof key === 'string')
      this.#told(collection, key);
  }

  /** A client may keep a command until it is connected again: longer than anybody wants to wait. */
  async #ask(command: string, ...args: (string | number)[]): Promise<unknown> {
    // Before there is a timer: a client may throw at once.
    const answer = this.#client.call(command, ...args);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`Redis did not answer within ${this.#timeout} ms`)), this.#timeout);
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
      answer.catch(ignore);
    }
  }
}

function objectIn(text: string): JsonObject | undefined {
  const value = parse(text);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function ignore(): void {}
