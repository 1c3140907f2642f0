import { Redis } from 'ioredis';
import { keepHeapSmall } from '../../../../src/cli/ring/small-heap.js';
import { createRegistry, createRingStore, type Registry } from '../../../../src/ring/index.js';
import { serveActor } from '../../../lab/actor/index.js';
import { monotonic } from './journal.js';
import { ShiftedClock } from './shifted-clock.js';

/** How a registry of the lab runs. */
export interface RegistryProgramOptions {
  readonly token: string;
  readonly port: number;
  /** The socket of Redis. @default records are kept in memory */
  readonly redis?: string | undefined;
  /** Milliseconds. @default the registry's */
  readonly memberTtl?: number | undefined;
}

// As the command does.
keepHeapSmall();

const clock = new ShiftedClock();
let registry: Registry | undefined;

/** A registry, as the lab sees it. */
const program = serveActor(() => ({
  async start({ token, port, redis, memberTtl }: RegistryProgramOptions): Promise<string> {
    const store = redis === undefined ? undefined : createRingStore({ client: await clientOf(redis) });
    registry = await createRegistry({
      host: '::',
      port,
      tokens: [token],
      memberTtl,
      ...(store !== undefined && { store }),
    });
    return registry.url;
  },
  /** @param offset milliseconds by which the clock is ahead of the true time from now on. */
  shiftClock(offset: number): number {
    clock.offset = offset;
    return monotonic();
  },
  async close(): Promise<void> {
    await registry?.close();
  },
}));
export type RegistryProgram = typeof program;

async function clientOf(path: string): Promise<Redis> {
  const client = new Redis({ path, enableOfflineQueue: false, maxRetriesPerRequest: 0, retryStrategy: () => 100 });
  client.on('error', () => {});
  await new Promise((resolve) => client.once('ready', resolve));
  return client;
}
