import { RedisStore, type RedisStoreOptions } from '../../store/index.js';
import { COLLECTIONS } from './ring-book.js';

/** Options of {@link createRingStore}. */
export interface RingStoreOptions extends Omit<RedisStoreOptions, 'collections' | 'prefix'> {
  /** What all keys begin with. @default 'netring:' */
  readonly prefix?: string | undefined;
}

/**
 * A store in Redis, which several registries share. The client is yours (that of ioredis), and so is its end.
 *
 * @throws {InvalidOptionError}
 *
 * @example
 * const registry = await createRegistry({ store: createRingStore({ client: new Redis('redis://127.0.0.1:6379') }) });
 */
export function createRingStore({ prefix = 'netring:', ...options }: RingStoreOptions): RedisStore {
  return new RedisStore({ ...options, prefix, collections: COLLECTIONS });
}
