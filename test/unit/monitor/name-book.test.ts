import { describe, expect, it } from 'vitest';
import { NameBook } from '../../../src/monitor/name-book.js';

/** Nothing is fresh enough. */
const NOW = { known: 0, unknown: 0 };

describe('NameBook', () => {
  it('lets an address stand for itself and asks nobody', async () => {
    const asked: string[] = [];
    const book = new NameBook(async (name) => {
      asked.push(name);
      return [];
    });
    expect(await book.refresh(['192.0.2.1', '2001:db8::1'], NOW)).toBe(false);
    expect(book.addressesOf('192.0.2.1')).toEqual(['192.0.2.1']);
    expect(book.addressesOf('2001:db8::1')).toEqual(['2001:db8::1']);
    expect(asked).toEqual([]);
  });

  it('says whether a name has new addresses, and keeps the last good ones', async () => {
    let answer: readonly string[] = ['192.0.2.1'];
    const book = new NameBook(async () => answer);
    expect(book.addressesOf('db.example.com')).toEqual([]);
    expect(await book.refresh(['db.example.com'], NOW)).toBe(true);
    expect(await book.refresh(['db.example.com'], NOW)).toBe(false);
    answer = ['192.0.2.2'];
    expect(await book.refresh(['db.example.com'], NOW)).toBe(true);
    answer = [];
    expect(await book.refresh(['db.example.com'], NOW)).toBe(false);
    expect(book.addressesOf('db.example.com')).toEqual(['192.0.2.2']);
  });

  it('asks again only when what it knows is too old, and never twice at once', async () => {
    let asked = 0;
    const book = new NameBook(async () => {
      asked += 1;
      return ['192.0.2.1'];
    });
    await Promise.all([book.refresh(['db.example.com'], NOW), book.refresh(['db.example.com'], NOW)]);
    expect(asked).toBe(1);
    expect(await book.refresh(['db.example.com'], { known: 60_000, unknown: 0 })).toBe(false);
    expect(asked).toBe(1);
    await book.refresh(['db.example.com'], { known: 0, unknown: 60_000 });
    expect(asked).toBe(2);
  });

  it('is bounded', async () => {
    const book = new NameBook(async () => ['192.0.2.1']);
    for (let batch = 0; batch < 11; batch += 1) {
      await book.refresh(
        Array.from({ length: 1_000 }, (_, index) => `host-${batch}-${index}`),
        NOW,
      );
    }
    expect(book.addressesOf('host-0-0')).toEqual([]);
    expect(book.addressesOf('host-10-999')).toEqual(['192.0.2.1']);
  });
});
