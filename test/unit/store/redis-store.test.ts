import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRingStore } from '../../../src/ring/registry/index.js';
import { RedisStore } from '../../../src/store/index.js';
import { FakeRedis } from './fake-redis.js';

describe('a store in Redis', () => {
  let client: FakeRedis;
  const stores: RedisStore[] = [];

  beforeEach(() => {
    client = new FakeRedis();
  });

  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()));
  });

  it('learns what is there in a few round trips, and does not ask for everything at once', async () => {
    for (let count = 0; count < 1_000; count += 1) client.records.set(`${count}`, { text: '{"n":1}', at: 1 });
    const store = made();
    await store.start();
    expect(store.list('things')).toHaveLength(1_000);
    expect(client.most).toBe(100);
  });

  it('tells what is not known there in a few round trips', async () => {
    const store = made();
    for (let count = 0; count < 250; count += 1) await store.put('things', `${count}`, {}, 60_000);
    client.most = 0;
    await store.start();
    expect(client.most).toBe(100);
  });

  it('can be closed while it learns what is there', async () => {
    for (let count = 0; count < 1_000; count += 1) client.records.set(`${count}`, { text: '{}', at: 1 });
    const store = made();
    let closed: Promise<void> | undefined;
    client.onCommand = (name) => {
      if (name === 'HMGET') closed ??= store.close();
    };
    await store.start();
    await closed;
    expect(store.list('things')).toHaveLength(100);
    // The collection after it is left alone.
    expect(client.commands.filter((name) => name === 'SMEMBERS')).toHaveLength(2);
  });

  it('leaves nothing on a client that others go on with, nor takes anything of theirs away', async () => {
    const [one, other] = [made(), made()];
    for (const store of [one, other]) await store.start();
    await one.close();
    await one.close();
    expect(client.listenerCount('error')).toBe(1);
    await other.close();
    expect(client.eventNames()).toEqual([]);
  });

  it('takes a client that throws at once for one that is away', async () => {
    const store = made({ timeout: 1 });
    client.call = () => {
      throw new Error('no such command');
    };
    await store.start();
    expect(store.health).toMatchObject({ reachable: false, error: 'no such command' });
    // A timer that was left behind would end the process by now.
    await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it.each(['call', 'duplicate', 'on', 'off'])('refuses a client without %s', (name) => {
    Object.defineProperty(client, name, { value: undefined });
    expect(() => made()).toThrow(/^RedisStore: client must be a client of ioredis/);
  });

  it.each([
    [undefined, 'netring:'],
    ['mine:', 'mine:'],
  ])('of a ring keeps all under its own names: with the prefix %j under %s', async (prefix, names) => {
    const asked: unknown[] = [];
    const { call } = client;
    client.call = (command, ...args) => {
      asked.push(...args);
      return call.apply(client, [command, ...args]);
    };
    const store = createRingStore({ client, prefix });
    stores.push(store);
    await store.put('member', 'a', {}, 60_000);
    expect(asked).toContain(`${names}member:a`);
  });

  function made(options: { readonly timeout?: number } = {}): RedisStore {
    const store = new RedisStore({ client, prefix: 'test:', collections: ['others', 'things', 'more'], ...options });
    stores.push(store);
    return store;
  }
});
