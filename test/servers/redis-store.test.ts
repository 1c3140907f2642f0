import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RedisStore } from '../../src/store/index.js';
import { until } from '../lab/bounded.js';
import { RedisServer } from './redis-server.js';
import { isInstalled } from './require-program.js';

const hasRedis = await isInstalled('redis-server');
const HOUR = 3_600_000;

describe.skipIf(!hasRedis)('a store in Redis', () => {
  let redis: RedisServer;
  const stores: RedisStore[] = [];

  beforeEach(async () => {
    redis = await RedisServer.start();
  });

  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()));
    await redis.stop();
  });

  it('is one for all who share it', async () => {
    const [one, other] = [await opened(), await opened()];
    expect(await one.put('things', 'a', { n: 1, text: 'ü\u0000"' }, HOUR)).toEqual({ durable: true });
    await comesTrue(() => other.get('things', 'a') !== undefined);
    expect(other.get('things', 'a')?.value).toEqual({ n: 1, text: 'ü\u0000"' });
    await other.put('things', 'a', { n: 2 }, HOUR);
    await comesTrue(() => one.get('things', 'a')?.value['n'] === 2);
    await one.delete('things', 'a');
    await comesTrue(() => other.get('things', 'a') === undefined);
    expect((await opened()).get('things', 'a')).toBeUndefined();
  });

  it('shares what is large', async () => {
    const list = Array.from({ length: 2_000 }, (_, index) => ({ id: `ü ${index}`, latency: index / 7 }));
    const [one, other] = [await opened(), await opened()];
    expect(await one.put('things', 'a', { list }, HOUR)).toEqual({ durable: true });
    await comesTrue(() => other.get('things', 'a') !== undefined);
    expect(other.get('things', 'a')?.value).toEqual({ list });
    expect((await opened()).get('things', 'a')?.value).toEqual({ list });
  });

  it('knows what was there before it, and forgets it in time', async () => {
    const one = await opened();
    await one.put('things', 'long', { n: 1 }, HOUR);
    await one.put('things', 'short', { n: 2 }, 300);
    const other = await opened();
    expect(other.get('things', 'long')?.value).toEqual({ n: 1 });
    await comesTrue(() => other.get('things', 'short') === undefined && one.get('things', 'short') === undefined);
    const client = await connected();
    await comesTrue(async () => String(await client.call('SMEMBERS', 'test:things')) === 'long');
    expect(await client.call('KEYS', '*short')).toEqual([]);
  });

  it('sees what no message has told', async () => {
    const [one, other] = [await opened(), await opened()];
    const client = await connected();
    // Whoever listens is thrown out.
    await one.put('things', 'a', { n: 1 }, HOUR);
    await client.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await one.put('things', 'b', { n: 2 }, HOUR);
    await comesTrue(() => other.list('things').length === 2);
  });

  it('keeps what it has acknowledged through a kill -9 of Redis', async () => {
    const one = await opened();
    const acknowledged: string[] = [];
    const writing = (async () => {
      for (let count = 0; count < 2_000; count += 1) {
        const { durable } = await one.put('things', `${count}`, { n: count }, HOUR);
        if (durable) acknowledged.push(`${count}`);
        if (count === 300) void redis.kill();
      }
    })();
    await writing;
    expect(acknowledged.length).toBeGreaterThan(0);
    expect(acknowledged.length).toBeLessThan(2_000);
    await stores.splice(0).at(0)?.close();
    await redis.resume();
    const other = await opened();
    expect(acknowledged.filter((key) => other.get('things', key) === undefined)).toEqual([]);
  });

  it('goes on while Redis is away, says so, and tells it everything afterwards', async () => {
    const [one, other] = [await opened(), await opened()];
    await one.put('things', 'a', { n: 1 }, HOUR);
    await one.put('things', 'gone', { n: 1 }, HOUR);
    await comesTrue(() => other.list('things').length === 2);
    const events: string[] = [];
    one.on('away', () => events.push('away'));
    one.on('back', () => events.push('back'));
    await redis.kill();
    expect(await one.put('things', 'a', { n: 2 }, HOUR)).toEqual({ durable: false });
    expect(await one.delete('things', 'gone')).toEqual({ durable: false });
    expect(await one.put('things', 'new', { n: 3 }, HOUR)).toEqual({ durable: false });
    expect(one.get('things', 'a')?.value).toEqual({ n: 2 });
    expect(one.health).toMatchObject({ kind: 'redis', reachable: false, unsynced: 3, error: expect.any(String) });
    await redis.resume();
    await comesTrue(() => other.get('things', 'a')?.value['n'] === 2 && other.get('things', 'new') !== undefined);
    await comesTrue(() => other.get('things', 'gone') === undefined);
    await comesTrue(() => one.health.reachable && one.health.unsynced === 0);
    expect(events).toEqual(['away', 'back']);
  });

  it('lets the later of two writes count that were made apart', async () => {
    const [one, other] = [await opened(), await opened()];
    await redis.kill();
    await one.put('things', 'a', { by: 'one' }, HOUR);
    await other.put('things', 'b', { by: 'other' }, HOUR);
    // They know the time of Redis to as much as its answers took.
    await delay(200);
    await other.put('things', 'a', { by: 'other' }, HOUR);
    await one.put('things', 'b', { by: 'one' }, HOUR);
    await redis.resume();
    const bys = () => [one, other].map((store) => ['a', 'b'].map((key) => store.get('things', key)?.value['by']));
    await comesTrue(() => bys().flat().join() === 'other,one,other,one');
  });

  it('does not let a deletion be undone by who has not heard of it yet, but by who has', async () => {
    const [one, other] = [await opened(), await opened()];
    await one.put('things', 'a', { n: 1 }, HOUR);
    await comesTrue(() => other.get('things', 'a') !== undefined);
    const [deleted, written] = [one.delete('things', 'a'), other.put('things', 'a', { n: 2 }, HOUR)];
    expect([await deleted, await written]).toEqual([{ durable: true }, { durable: true }]);
    await comesTrue(() => [one, other].every((store) => store.get('things', 'a') === undefined));
    await other.put('things', 'a', { n: 3 }, HOUR);
    await comesTrue(() => [one, other].every((store) => store.get('things', 'a')?.value['n'] === 3));
  });

  it('does not keep what has expired for a Redis that is away', async () => {
    const one = await opened();
    await redis.kill();
    for (let count = 0; count < 100; count += 1) await one.put('things', `${count}`, {}, 50);
    expect(one.health.unsynced).toBe(100);
    await comesTrue(() => one.health.unsynced === 0);
    expect(one.health.reachable).toBe(false);
  });

  it('fills a Redis that came back with nothing', async () => {
    const one = await opened();
    await one.put('things', 'a', { n: 1 }, HOUR);
    await redis.kill();
    await redis.resume({ empty: true });
    await comesTrue(async () => (await opened()).get('things', 'a') !== undefined);
  });

  it('does not wait for a Redis that accepts and says nothing', async () => {
    const one = await opened({ timeout: 50 });
    const client = await connected();
    await client.call('CLIENT', 'PAUSE', 600_000, 'ALL');
    expect(await one.put('things', 'a', { n: 1 }, HOUR)).toEqual({ durable: false });
    expect(one.health.error).toBe('Redis did not answer within 50 ms');
  });

  it('starts and closes where there never was a Redis', async () => {
    await redis.kill();
    const one = await opened();
    expect(one.health.reachable).toBe(false);
    await one.put('things', 'a', { n: 1 }, HOUR);
    expect(one.list('things')).toHaveLength(1);
    await one.close();
    await one.close();
  });

  it('is not confused by what others have written under its names', async () => {
    const client = await connected();
    await client.call('SADD', 'test:things', 'bad', 'worse', 'none');
    await client.call('HSET', 'test:things:bad', 'value', 'no json', 'at', '1');
    await client.call('HSET', 'test:things:worse', 'value', '[1]', 'at', 'never');
    const one = await opened();
    await client.call('PUBLISH', 'test:changes', 'no json');
    await client.call('PUBLISH', 'test:changes', '["x","elsewhere","a"]');
    await one.put('things', 'a', { n: 1 }, HOUR);
    expect(one.list('things').map(({ key }) => key)).toEqual(['a']);
    expect(one.health.reachable).toBe(true);
  });

  async function connected() {
    const client = redis.client();
    await until(
      () => client.status === 'ready',
      () => 'for a connection',
    );
    return client;
  }

  async function opened(options: { readonly timeout?: number } = {}): Promise<RedisStore> {
    const client = redis.client();
    await until(
      () => client.status === 'ready' || client.status === 'reconnecting',
      () => 'for a first attempt to connect',
    );
    const store = new RedisStore({ client, prefix: 'test:', collections: ['things'], surveyInterval: 100, ...options });
    stores.push(store);
    await store.start();
    return store;
  }
});

async function comesTrue(condition: () => boolean | Promise<boolean>): Promise<void> {
  await until(condition, () => String(condition));
}
