import { once } from 'node:events';
import { Redis, type RedisOptions } from 'ioredis';

/**
 * A client of Redis as a registry needs it: while there is no connection a command fails at once, for the store knows better than a queue what has
 * to be said again.
 */
export class RegistryRedis extends Redis {
  /** @param url as it was checked by {@link readRedisUrl}. */
  constructor(url: string) {
    super(url, { enableOfflineQueue: false, maxRetriesPerRequest: 0, socketTimeout: SILENCE, connectTimeout: SILENCE });
    // What goes wrong is seen by the commands that fail.
    this.on('error', () => {});
  }

  /** The connection that listens to what other registries write: it subscribes when Redis is there, however long that takes. */
  override duplicate(override: Partial<RedisOptions> = {}): Redis {
    const patient = { enableOfflineQueue: true, maxRetriesPerRequest: null, socketTimeout: undefined };
    return super.duplicate({ ...patient, ...override });
  }

  /** Resolves when it is connected, or when that takes too long: it goes on trying by itself. */
  async firstConnected(signal: AbortSignal): Promise<void> {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(FIRST_WAIT)]);
    if (this.status !== 'ready') await once(this, 'ready', { signal: patience }).catch(() => {});
  }
}

/** Milliseconds for which Redis is waited for at the start. */
const FIRST_WAIT = 2_000;

/** Milliseconds without an answer after which a connection is made anew: one across a link that was cut would be found dead in minutes. */
const SILENCE = 5_000;
