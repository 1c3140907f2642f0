import { RedisStore, type RedisStoreOptions } from '../../store/index.js';
import { COLLECTIONS } from './ring-book.js';

/** Options of {@link createRingStore}. */
export type RingStoreOptions = Omit<RedisStoreOptions, 'collections'>;

/**
 * A store in Redis, which several registries share. The client is yours (that of ioredis), and so is its end.
 *
 * @param options `prefix` is `'netring:'` unless given.
 * @throws {InvalidOptionError}
 *
 * @example
 * const registry = await createRegistry({ store: createRingStore({ client: new Redis('redis://127.0.0.1:6379') }) });
 */
export function createRingStore(options: RingStoreOptions): RedisStore {
  return new RedisStore({ prefix: 'netring:', ...options, collections: COLLECTIONS });
}
