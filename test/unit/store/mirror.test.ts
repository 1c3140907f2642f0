import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject, StoreChange } from '../../../src/store/index.js';
import { type Entry, entryOf, Mirror, MOST_CHARACTERS, MOST_RECORDS } from '../../../src/store/mirror.js';
import { StoreFullError } from '../../../src/store/store-full-error.js';

const entries = fc.array(
  fc.record({
    key: fc.constantFrom('a', 'b', '__proto__'),
    value: fc.option(fc.record({ n: fc.integer() }), { nil: undefined }),
    updatedAt: fc.integer({ min: 0, max: 20 }),
    expiresAt: fc.integer({ min: 100, max: 200 }),
  }),
);

describe('a mirror of records', () => {
  it('knows the latest entry of each key, in whatever order they come', () => {
    fc.assert(
      fc.property(entries, (given) => {
        const latest = [...given].sort((a, b) => a.updatedAt - b.updatedAt);
        const [one, other] = [new Mirror(() => {}), new Mirror(() => {})];
        // Of two that were written at the same moment the one that comes later counts.
        const unique = latest.filter((each, index) => latest.findIndex((e) => same(e, each)) === index);
        for (const entry of unique) one.put('things', asEntry(entry));
        for (const entry of [...unique].reverse()) other.put('things', asEntry(entry));
        for (const key of ['a', 'b', '__proto__']) {
          expect(one.entry('things', key)).toEqual(other.entry('things', key));
          const expected = unique.filter((each) => each.key === key).at(-1);
          expect(one.record('things', key, 0)?.value).toEqual(expected?.value);
        }
      }),
    );
  });

  it('tells of what changes, and of nothing else', () => {
    const changes: StoreChange[] = [];
    const mirror = new Mirror((change) => changes.push(change));
    const at = (updatedAt: number, n?: number) =>
      mirror.put('things', { key: 'a', updatedAt, expiresAt: 100, size: 7, ...(n !== undefined && { value: { n } }) });
    expect([at(1), at(2, 1), at(1, 0), at(3), at(4)]).toEqual([true, true, false, true, true]);
    expect(changes).toEqual([
      { collection: 'things', key: 'a', record: { key: 'a', value: { n: 1 }, updatedAt: 2, expiresAt: 100 } },
      { collection: 'things', key: 'a' },
    ]);
  });

  it('forgets what has expired, and says so', () => {
    const changes: StoreChange[] = [];
    const mirror = new Mirror((change) => changes.push(change));
    mirror.put('things', { key: 'a', value: {}, updatedAt: 1, expiresAt: 10, size: 2 });
    mirror.put('things', { key: 'b', value: {}, updatedAt: 1, expiresAt: 20, size: 2 });
    expect(mirror.records('things', 10).map(({ key }) => key)).toEqual(['b']);
    mirror.sweep(10);
    expect(changes.at(-1)).toEqual({ collection: 'things', key: 'a' });
    expect(mirror.entry('things', 'a')).toBeUndefined();
    mirror.sweep(20);
    expect(mirror.entries('things')).toEqual([]);
  });

  it('has room for so many, and for what is known already', () => {
    const mirror = new Mirror(() => {});
    const put = (key: string) => mirror.put('things', { key, value: {}, updatedAt: 1, expiresAt: 10, size: 2 });
    for (let count = 0; count < MOST_RECORDS; count += 1) put(`${count}`);
    expect(() => put('one more')).toThrow(StoreFullError);
    expect(put('0')).toBe(true);
    expect(mirror.count('things')).toBe(MOST_RECORDS);
    // What was deleted gives way.
    mirror.put('things', { key: '7', updatedAt: 2, expiresAt: 10, size: 0 });
    expect(mirror.count('things')).toBe(MOST_RECORDS - 1);
    expect(put('one more')).toBe(true);
    expect(mirror.entry('things', '7')).toBeUndefined();
  });

  it('has room for so much in each collection', () => {
    const mirror = new Mirror(() => {});
    const put = (key: string, size: number, updatedAt = 1) =>
      mirror.put('things', { key, value: {}, updatedAt, expiresAt: 10, size });
    put('a', MOST_CHARACTERS - 10);
    put('b', 10);
    expect(() => put('b', 11, 2)).toThrow(StoreFullError);
    expect(mirror.put('others', { key: 'a', value: {}, updatedAt: 1, expiresAt: 10, size: 10 })).toBe(true);
    put('a', 5, 2);
    put('b', 11, 2);
    mirror.sweep(10);
    expect(put('a', MOST_CHARACTERS)).toBe(true);
    expect([mirror.count('things'), mirror.count('others')]).toEqual([1, 0]);
  });
});

describe('what is large', () => {
  const TIMES = { updatedAt: 1, expiresAt: 10 };

  it('is given back as it was', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (part) => {
        const value: JsonObject = JSON.parse(JSON.stringify({ part, list: LIST }));
        const mirror = new Mirror(() => {});
        mirror.put('things', entryOf('a', value, TIMES));
        expect(mirror.record('things', 'a', 0)).toEqual({ key: 'a', value, ...TIMES });
        expect(mirror.entry('things', 'a')?.text).toBe(JSON.stringify(value));
      }),
      { numRuns: 20 },
    );
  });

  it('is kept in little room, and made anew for whoever asks; what is small stays what it is', () => {
    const [large, small] = [{ list: LIST }, { n: 1 }];
    const mirror = new Mirror(() => {});
    mirror.put('things', entryOf('large', large, TIMES));
    mirror.put('things', entryOf('small', small, TIMES));
    const record = mirror.record('things', 'large', 0);
    expect(record?.value).not.toBe(record?.value);
    expect(record).toBe(mirror.record('things', 'large', 0));
    expect(mirror.records('things', 0)[0]).toBe(record);
    expect(mirror.record('things', 'small', 0)?.value).toBe(small);
  });

  it('is told of as it came, where that is at hand', () => {
    const changes: StoreChange[] = [];
    const mirror = new Mirror((change) => changes.push(change));
    const value = { list: LIST };
    mirror.put('things', entryOf('a', value, TIMES), value);
    mirror.put('things', entryOf('a', value, { ...TIMES, updatedAt: 2 }));
    expect(changes[0]?.record?.value).toBe(value);
    expect(changes[1]?.record?.value).toEqual(value);
  });
});

const LIST = Array.from({ length: 200 }, (_, index) => ({ id: `ü ${index}`, latency: index / 7 }));

type Given = Omit<Entry, 'value' | 'size'> & { readonly value: { readonly n: number } | undefined };

function same(one: Given, other: Given): boolean {
  return one.key === other.key && one.updatedAt === other.updatedAt;
}

function asEntry({ value, ...entry }: Given): Entry {
  return { ...entry, size: 0, ...(value !== undefined && { value }) };
}
