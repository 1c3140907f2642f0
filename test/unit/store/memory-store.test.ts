import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InvalidOptionError } from '../../../src/errors/index.js';
import { MemoryStore, type StoreChange } from '../../../src/store/index.js';

describe('a store in memory', () => {
  let store: MemoryStore;

  beforeEach(async () => {
    vi.useFakeTimers();
    store = new MemoryStore();
    await store.start();
  });

  afterEach(async () => {
    await store.close();
    vi.useRealTimers();
  });

  it('keeps a record for its time', async () => {
    expect(await store.put('things', 'a', { n: 1 }, 5_000)).toEqual({ durable: true });
    expect(store.get('things', 'a')?.value).toEqual({ n: 1 });
    await vi.advanceTimersByTimeAsync(4_999);
    expect(store.list('things')).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(store.get('things', 'a')).toBeUndefined();
    expect(store.list('things')).toEqual([]);
  });

  it('tells when one comes, changes, is deleted, expires', async () => {
    const changes: (readonly [string, unknown])[] = [];
    store.on('change', ({ key, record }: StoreChange) => changes.push([key, record?.value]));
    await store.put('things', 'a', { n: 1 }, 5_000);
    await store.put('things', 'a', { n: 2 }, 5_000);
    await store.delete('things', 'a');
    await store.delete('things', 'a');
    await store.put('things', 'b', { n: 3 }, 1_500);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(changes).toEqual([
      ['a', { n: 1 }],
      ['a', { n: 2 }],
      ['a', undefined],
      ['b', { n: 3 }],
      ['b', undefined],
    ]);
  });

  it.each([
    ['collection', () => store.put('No Name', 'a', {}, 1)],
    ['key', () => store.put('things', '', {}, 1)],
    ['key', () => store.put('things', 'x'.repeat(513), {}, 1)],
    ['ttl', () => store.put('things', 'a', {}, 0)],
    ['ttl', () => store.put('things', 'a', {}, Number.NaN)],
  ])('refuses a bad %s', async (name, put) => {
    const failed = expect(put()).rejects;
    await failed.toThrow(InvalidOptionError);
    await expect(put()).rejects.toThrow(new RegExp(`^RecordStore: ${name} must be`));
  });

  it('takes no key for something of its own', async () => {
    await store.put('things', '__proto__', { n: 1 }, 5_000);
    expect(store.get('things', '__proto__')?.value).toEqual({ n: 1 });
    expect(store.get('things', 'toString')).toBeUndefined();
    expect(store.list('constructor')).toEqual([]);
  });
});
