export { MemoryStore } from './memory-store.js';
export type {
  Json,
  JsonObject,
  RecordStore,
  StoreChange,
  StoredRecord,
  StoreEvents,
  StoreHealth,
  Written,
} from './record-store.js';
export type { RedisClient } from './redis-client.js';
export { RedisStore, type RedisStoreOptions } from './redis-store.js';
export { StoreFullError } from './store-full-error.js';
